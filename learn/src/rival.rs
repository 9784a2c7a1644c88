//! Models without circuits that every result stands beside.

use crate::error::LearnError;
use crate::readout::{ReadoutSettings, RidgeSettings, ridge};
use crate::reservoir::{EchoState, ReservoirSettings};
use crate::training::SeriesTraining;
use crate::windows::Windows;

/// Values of the regularization that cross-validation chooses from.
pub(crate) const CANDIDATES: [f64; 7] = [1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0, 100.0];

/// What each rival tells of the test windows, after it was fitted to the training windows: `persistence`, `linear`, `nvar` and `echo-state`,
/// the last with so many nodes, at most 1000.
///
/// # Errors
/// When a value is not finite.
pub fn all(windows: &Windows, nodes: usize, seed: u64) -> Result<Vec<(&'static str, Vec<f64>)>, LearnError> {
    Ok(vec![
        ("persistence", persistence(windows)),
        ("linear", linear(windows)?),
        ("nvar", nvar(windows)?),
        ("echo-state", echo_state(windows, nodes, seed)?),
    ])
}

/// An echo-state network of the default settings with so many nodes, its wash-out at most half of the training part of the shortest series.
///
/// # Errors
/// When a value is not finite.
pub fn echo_state(windows: &Windows, nodes: usize, seed: u64) -> Result<Vec<f64>, LearnError> {
    let settings = EchoState { nodes: nodes.clamp(1, 1000), ..EchoState::default() };
    let shortest = windows.series().iter().map(|one| one.train.len()).min().unwrap_or_default();
    let settings = EchoState { wash_out: settings.wash_out.min(shortest / 2), ..settings };
    let readout = ReadoutSettings::Ridge(RidgeSettings { candidates: CANDIDATES.to_vec(), ..RidgeSettings::default() });
    let mut training = SeriesTraining::of_reservoir(&ReservoirSettings::EchoState(settings), &readout, windows.clone(), seed)?;
    training.step()?;
    training.told(windows.training()..windows.len())
}

/// Nothing changes: the target's value at the end of the window.
pub fn persistence(windows: &Windows) -> Vec<f64> {
    windows.persistence()[windows.training()..].to_vec()
}

/// Linear autoregression: ridge regression on the window, its regularization by generalised cross-validation.
///
/// # Errors
/// When a value is not finite.
pub fn linear(windows: &Windows) -> Result<Vec<f64>, LearnError> {
    fitted(windows, |window| window.to_vec())
}

/// Next-generation reservoir computing: ridge regression on the window and all products of two of its values (Gauthier et al., Nat.
/// Commun. 12, 5564 (2021)).
///
/// # Errors
/// When a value is not finite.
pub fn nvar(windows: &Windows) -> Result<Vec<f64>, LearnError> {
    fitted(windows, |window| {
        let products = window.iter().enumerate().flat_map(|(place, a)| window[place..].iter().map(move |b| a * b));
        window.iter().copied().chain(products).collect()
    })
}

fn fitted(windows: &Windows, features: impl Fn(&[f64]) -> Vec<f64>) -> Result<Vec<f64>, LearnError> {
    let rows: Vec<Vec<f64>> = (0..windows.len()).map(|index| features(windows.window(index))).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let (train, test) = rows.split_at(windows.training());
    let settings = RidgeSettings { candidates: CANDIDATES.to_vec(), ..RidgeSettings::default() };
    let (weights, _) = ridge(&train.concat(), &windows.targets()[..train.len()], columns, &settings)?;
    Ok(test.iter().map(|row| row.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() + weights[columns]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{lorenz, narma, uniform_drive};
    use crate::windows::{WindowSettings, nrmse};

    #[test]
    fn inputs_that_begin_constant_are_no_hindrance() {
        let step: Vec<f64> = (0..100).map(|t| if t < 80 { 1.0 } else { f64::from(t) }).collect();
        let wave: Vec<f64> = (0..100).map(|t| f64::from(t).sin()).collect();
        let windows = Windows::new(&[&step], &wave, &WindowSettings::default()).expect("long enough");
        assert!(all(&windows, 5, 1).expect("finite").iter().all(|(_, told)| told.iter().all(|value| value.is_finite())));
    }

    #[test]
    fn short_series_among_several_have_rivals_too() {
        let wave = |length: u32| (0..length).map(|t| (0.4 * f64::from(t)).sin()).collect::<Vec<f64>>();
        let cut = |length| Windows::of_series(&wave(length), &WindowSettings::default()).expect("long enough");
        let windows = Windows::joined(&[cut(80), cut(12)]).expect("alike");
        let targets = &windows.targets()[windows.training()..];
        for (name, told) in all(&windows, 10, 1).expect("finite") {
            assert!(told.len() == targets.len() && (name == "persistence" || nrmse(&told, targets) < 0.2), "{name}");
        }
    }

    #[test]
    fn each_rival_solves_what_it_is_made_for() {
        let test = |told: &[f64], windows: &Windows| nrmse(told, &windows.targets()[windows.training()..]);
        // a sine obeys a linear recursion of two values
        let sine: Vec<f64> = (0..100).map(|t| (0.3 * f64::from(t)).sin()).collect();
        let windows = Windows::of_series(&sine, &WindowSettings::default()).expect("long enough");
        assert!(test(&linear(&windows).expect("finite"), &windows) < 1e-4);
        assert!((test(&persistence(&windows), &windows) - 2.0 * 0.15f64.sin()).abs() < 0.02);
        // NARMA-2 is nearly quadratic in few values
        let drive = uniform_drive(600, &mut qloom_circuits::Stream::named(1, "drive"));
        let y = narma(2, &drive, 0.0).expect("it stays");
        let windows = Windows::new(&[&drive, &y], &y, &WindowSettings { window: 2, ..WindowSettings::default() }).expect("long");
        let (straight, squares) = (linear(&windows).expect("finite"), nvar(&windows).expect("finite"));
        assert!(test(&squares, &windows) < 0.5 * test(&straight, &windows));
        // NARMA-10 needs a memory longer than the window
        let y = narma(10, &drive, 0.0).expect("it stays");
        let windows = Windows::new(&[&drive], &y, &WindowSettings::default()).expect("long");
        let remembered = test(&echo_state(&windows, 60, 1).expect("finite"), &windows);
        assert!(remembered < 0.7 && test(&nvar(&windows).expect("finite"), &windows) > 1.1 * remembered, "{remembered}");
        // Lorenz's equations are quadratic
        let states = lorenz(0.025, 800);
        let column = |place: usize| states.iter().map(|state| state[place]).collect::<Vec<f64>>();
        let (x, y, z) = (column(0), column(1), column(2));
        let windows = Windows::new(&[&x, &y, &z], &x, &WindowSettings { window: 2, ..WindowSettings::default() }).expect("long");
        assert!(test(&nvar(&windows).expect("finite"), &windows) < 1e-3);
    }
}
