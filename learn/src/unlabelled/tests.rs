use super::*;
use crate::preparation::FeatureScale;

/// Two heaps of points, the second smaller; and the heap of each.
fn heaps(count: usize) -> (Vec<f64>, Vec<usize>) {
    let mut stream = Stream::named(6, "rows");
    let heap: Vec<usize> = (0..count).map(|row| usize::from(row % 3 == 0)).collect();
    let point = |heap: &usize| {
        let centre = if *heap == 0 { 0.4 } else { 2.2 };
        [centre + 0.2 * stream.normal(), centre + 0.2 * stream.normal()]
    };
    (heap.iter().flat_map(point).collect(), heap)
}

fn fitted(settings: &UnlabelledSettings, rows: &[f64]) -> Result<UnlabelledFile, LearnError> {
    let preparation = Preparation::fit(rows, 2, FeatureScale::None, None).expect("finite");
    UnlabelledFile::fit(settings, vec!["x".into(), "y".into()], preparation, rows, (SimulatorConfig::default(), 1))
}

fn kinds() -> [UnlabelledSettings; 3] {
    let map = MapSettings::Angle {};
    [
        UnlabelledSettings::KernelPca(ComponentSettings { map: map.clone(), ..Default::default() }),
        UnlabelledSettings::OneClass(OutlierSettings { map: map.clone(), ..Default::default() }),
        UnlabelledSettings::SpectralClustering(ClusterSettings { map, ..Default::default() }),
    ]
}

#[test]
fn heaps_are_found_and_files_say_the_same() {
    let (rows, heap) = heaps(60);
    for settings in kinds() {
        let file = fitted(&settings, &rows).expect("a fit");
        let read = UnlabelledFile::from_json(&file.to_json().expect("finite")).expect("its own text");
        assert_eq!(read, file);
        let told = read.tell(&rows, SimulatorConfig::default()).expect("rows");
        assert_eq!(told, file.tell(&rows, SimulatorConfig::default()).expect("rows"));
        match told {
            Found::Components(points) => {
                let shares = file.variance_shares().expect("components");
                assert!(shares[0] > shares[1] && shares.iter().sum::<f64>() <= 1.0 + 1e-12, "{shares:?}");
                // the first component has mean 0 and the two heaps on two sides
                let mean = points.iter().map(|point| point[0]).sum::<f64>() / 60.0;
                assert!(mean.abs() < 1e-9);
                let side = |row: usize| points[row][0] > 0.0;
                assert!((0..60).all(|row| (side(row) == side(0)) == (heap[row] == heap[0])));
            }
            Found::Decisions(decisions) => {
                let outside = decisions.iter().filter(|decision| **decision < 0.0).count();
                assert!((1..=7).contains(&outside), "{outside} of 60 for a tenth");
                let far = file.tell(&[4.5, -2.5], SimulatorConfig::default()).expect("a row");
                assert!(matches!(far, Found::Decisions(list) if list[0] < 0.0));
            }
            Found::Clusters(clusters) => {
                assert_eq!(clusters, file.clusters().expect("clusters"));
                assert_eq!(adjusted_rand_index(&clusters, &heap), 1.0);
            }
        }
    }
}

#[test]
fn settings_outside_their_ranges_and_damaged_files_are_refused() {
    let (rows, _) = heaps(12);
    let map = || MapSettings::Angle {};
    for (settings, word) in [
        (UnlabelledSettings::KernelPca(ComponentSettings { components: 13, map: map(), ..Default::default() }), "components"),
        (UnlabelledSettings::OneClass(OutlierSettings { nu: 1.5, map: map(), ..Default::default() }), "nu"),
        (UnlabelledSettings::SpectralClustering(ClusterSettings { clusters: 0, map: map(), ..Default::default() }), "clusters"),
        (
            UnlabelledSettings::KernelPca(ComponentSettings {
                map: MapSettings::Zz { reps: 0, entanglement: Default::default() },
                ..Default::default()
            }),
            "reps",
        ),
    ] {
        let error = fitted(&settings, &rows).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
    }
    let file = fitted(&kinds()[2], &rows).expect("a fit");
    let text = file.to_json().expect("finite");
    let short = UnlabelledFile { rows: file.rows[2..].to_vec(), ..file };
    assert!(short.tell(&rows, SimulatorConfig::default()).is_err());
    assert!(UnlabelledFile::from_json(&text.replacen("\"version\": 1", "\"version\": 4", 1)).is_err());
}

/// By scikit-learn 1.9: adjusted_rand_score.
#[test]
fn divisions_are_compared_as_by_another_package() {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(close(adjusted_rand_index(&[0, 0, 1, 1], &[0, 0, 1, 2]), 0.571_428_571_428_571_4));
    assert!(close(adjusted_rand_index(&[0, 0, 0, 0], &[0, 1, 2, 3]), 0.0));
    assert!(close(adjusted_rand_index(&[0, 0, 1, 1, 2, 2], &[0, 0, 1, 2, 2, 2]), 0.444_444_444_444_444_4));
    assert!(close(adjusted_rand_index(&[0, 0], &[0, 0]), 1.0));
}
