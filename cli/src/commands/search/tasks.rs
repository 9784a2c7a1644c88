//! What a teacher asked for, episode by episode.

use qloom::qas::{Ending, EpisodeReport};

use crate::figure::{Figure, Mark, Scale, Series};

/// Below it nothing is drawn.
const FLOOR: f64 = 1e-14;

/// Thresholds of all episodes, and budgets of gates where they differ, as SVG; nothing of walks, which have no tasks and earn nothing.
pub fn pictures(events: &[EpisodeReport], unit: &str) -> Vec<(&'static str, String)> {
    if events.iter().all(|event| event.reward == 0.0) {
        return Vec::new();
    }
    let thresholds = picture(events, ("What the teacher asked for", &format!("threshold / {unit}")), Scale::LogY, |event| {
        (event.threshold > 0.0).then_some(event.threshold.max(FLOOR))
    });
    let budget = |event: &EpisodeReport| event.max_gates.map(|gates| gates as f64);
    let differ = events.windows(2).any(|pair| pair[0].max_gates != pair[1].max_gates);
    let budgets = differ.then(|| picture(events, ("Gates that it allowed", "gates"), Scale::Linear, budget)).flatten();
    let noise = |event: &EpisodeReport| event.noise.map(f64::from);
    let chosen = events.windows(2).any(|pair| pair[0].noise != pair[1].noise);
    let scales = chosen.then(|| picture(events, ("Noise that it chose", "times the noise"), Scale::Linear, noise)).flatten();
    let named = [("Tasks", thresholds), ("Budgets", budgets), ("Noise", scales)];
    named.into_iter().filter_map(|(name, svg)| Some((name, svg?))).collect()
}

/// A dot for each episode, by whether it succeeded.
fn picture(
    events: &[EpisodeReport],
    (title, y_label): (&str, &str),
    scale: Scale,
    of: impl Fn(&EpisodeReport) -> Option<f64>,
) -> Option<String> {
    // a page needs no more points than it is wide
    let step = events.len().div_ceil(1500).max(1);
    let points = |succeeded: bool| -> Vec<(f64, f64)> {
        let wanted = |event: &&EpisodeReport| (event.ending == Some(Ending::Success)) == succeeded;
        let point = |event: &EpisodeReport| Some((event.episode as f64, of(event)?));
        events.iter().step_by(step).filter(wanted).filter_map(point).collect()
    };
    let series = |name: &str, color, points| Series { name: name.to_owned(), color, mark: Mark::Dots(2.0), points };
    let both = [series("reached", "#1f5fa8", points(true)), series("missed", "#c98a6b", points(false))];
    let series: Vec<Series> = both.into_iter().filter(|series| !series.points.is_empty()).collect();
    (!series.is_empty()).then(|| Figure { title, x_label: "episode", y_label, scale, series }.svg())
}
