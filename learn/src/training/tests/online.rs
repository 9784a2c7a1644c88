use super::*;

/// Without forgetting, a readout that learns to the end has at each value the weights of ridge regression on all that lies before.
#[test]
fn recursive_readouts_tell_before_they_learn() {
    let settings = ReservoirSettings::EchoState(crate::EchoState { nodes: 8, wash_out: 5, ..Default::default() });
    let regularization = 1e-3;
    let rls = |adapt| ReadoutSettings::Rls(RecursiveSettings { regularization, forgetting: 1.0, adapt });
    let mut still = SeriesTraining::of_reservoir(&settings, &rls(false), pendulum(), 2).expect("fits");
    let mut adapting = SeriesTraining::of_reservoir(&settings, &rls(true), pendulum(), 2).expect("fits");
    still.step().expect("finite");
    adapting.step().expect("finite");
    let windows = pendulum();
    let (training, count) = (windows.training(), windows.len());
    // nothing is fitted to the first two windows, which end in the wash-out
    assert_eq!((still.live().len(), adapting.live().len()), (training - 2, count - 2));
    assert_eq!(still.live(), &adapting.live()[..training - 2]);
    let Fit::Rls { features, .. } = &adapting.fit else { panic!("it is recursive") };
    for one in adapting.live().iter().skip(40).step_by(37) {
        let (known, targets) = (&features[2 * 8..one.window * 8], &windows.targets()[2..one.window]);
        let (weights, _) = ridge(known, targets, 8, &RidgeSettings { regularization, ..Default::default() }).expect("finite");
        let row = &features[one.window * 8..(one.window + 1) * 8];
        let expected = row.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() + weights[8];
        assert!((one.told - expected).abs() < 1e-9, "{} {expected}", one.told);
    }
    assert_eq!(
        adapting.told(training..count).expect("live"),
        adapting.live()[training - 2..].iter().map(|one| one.told).collect::<Vec<_>>()
    );
    assert!(adapting.events()[0].test_loss < still.events()[0].test_loss, "later values help");
    // and the state keeps what was told
    let mut again = SeriesTraining::of_reservoir(&settings, &rls(true), pendulum(), 2).expect("fits");
    again.resume(&adapting.state()).expect("the same training");
    assert_eq!(again.told(0..count).expect("live"), adapting.told(0..count).expect("live"));
}

#[test]
fn force_tells_a_series_from_its_own_output() {
    let wave: Vec<f64> = (0..900).map(|t| (f64::from(t) * 0.25).sin()).collect();
    let windows = Windows::of_series(&wave, &WindowSettings { train_fraction: 0.9, ..WindowSettings::default() }).expect("long");
    let force = ReadoutSettings::Force(crate::ForceSettings::default());
    let echo = crate::EchoState { nodes: 60, spectral_radius: 1.2, leak: 0.5, input_scale: 1.0, ..Default::default() };
    let settings = ReservoirSettings::EchoState(echo);
    let mut training = SeriesTraining::of_reservoir(&settings, &force, windows.clone(), 1).expect("fits");
    let event = training.step().expect("finite").expect("one step");
    assert!(event.test_loss < 0.02, "{event:?}");
    assert_eq!(training.live().len(), windows.len());
    // told by hand: the network alone from the first test window on, under the weights that were learned
    let weights = training.model().readout();
    let Network::Reservoir(model) = &mut training.model else { panic!("a reservoir") };
    let mut output = 0.0;
    let mut told = Vec::new();
    model.reservoir_mut().start(false).expect("it starts");
    let mut learning =
        RecursiveLeastSquares::new(60, &RecursiveSettings { regularization: 1.0, ..Default::default() }).expect("positive");
    for (row, value) in wave[..windows.len() + 3].iter().enumerate() {
        let mut features = Vec::new();
        model.reservoir_mut().step(&[if row <= 20 { *value } else { output }], &mut features).expect("one input");
        let before = learning.tell(&features);
        if (20..windows.training() + 3).contains(&row) {
            learning.update(&features, wave[row + 1]);
        }
        output = learning.tell(&features);
        told.extend((row >= 3).then_some(before));
    }
    assert_eq!(learning.weights(), weights);
    assert_eq!(told, training.told(0..windows.len()).expect("live"));
    // other inputs, longer horizons and networks over windows have no output to hear
    let squares: Vec<f64> = wave.iter().map(|x| x * x).collect();
    let others = [
        Windows::new(&[&wave], &squares, &WindowSettings::default()),
        Windows::of_series(&wave, &WindowSettings { horizon: 2, ..WindowSettings::default() }),
        Windows::joined(&[windows.clone(), windows.clone()]),
    ];
    for other in others {
        let error = SeriesTraining::of_reservoir(&settings, &force, other.expect("long"), 1).expect_err("no output to hear");
        assert!(error.to_string().contains("FORCE"), "{error}");
    }
    let cell = CellSettings::Qrnn(reservoir(Start::Small));
    assert!(SeriesTraining::new(&cell, &force, pendulum(), 1).is_err());
}
