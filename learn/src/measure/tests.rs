use super::*;
use crate::reservoir::{EchoState, Reading, ReservoirSettings, SpinNetwork};

/// Features that are delayed inputs, by hand.
fn delay_line(input: &[f64], taps: usize) -> Vec<f64> {
    (0..input.len()).flat_map(|time| (0..taps).map(move |tap| time.checked_sub(tap).map_or(0.0, |past| input[past]))).collect()
}

#[test]
fn a_delay_line_remembers_its_length_and_no_parity() {
    let settings = CapacitySettings { wash_out: 30, train: 400, test: 400, max_delay: 12, ..CapacitySettings::default() };
    let input = uniform_input(settings.length(), &mut Stream::named(1, "input"));
    let memory = memory_capacity(&delay_line(&input, 6), &input, &settings).expect("it fits");
    assert!(memory.delays[..6].iter().all(|c| *c > 0.999_999), "{memory:?}");
    assert!(memory.delays[6..].iter().all(|c| *c < 0.05), "{memory:?}");
    let bits = binary_input(settings.length(), &mut Stream::named(2, "input"));
    let parity = parity_capacity(&delay_line(&bits, 6), &bits, &settings).expect("it fits");
    assert!(parity.delays[0] > 0.999_999 && parity.total < 0.3, "{parity:?}");
    // with the products the parity of two is linear
    let with_product: Vec<f64> = delay_line(&bits, 2).chunks(2).flat_map(|row| [row[0], row[1], row[0] * row[1]]).collect();
    let parity = parity_capacity(&with_product, &bits, &settings).expect("it fits");
    assert!(parity.delays[1] > 0.999_999 && parity.delays[2] < 0.05, "{parity:?}");
}

#[test]
fn processing_capacity_finds_exactly_what_is_there() {
    let settings = ProcessingSettings { wash_out: 20, steps: 3000, delays: vec![10, 6, 4] };
    let input = uniform_input(3020, &mut Stream::named(3, "input"));
    // four inputs, a square, a product of two, and a copy of the first input, which adds no rank
    let row = |time: usize| {
        let u = |delay: usize| time.checked_sub(delay).map_or(0.0, |past| 2.0 * input[past] - 1.0);
        [u(0), u(1), u(2), u(3), u(1) * u(1), u(0) * u(2), u(0)]
    };
    let features: Vec<f64> = (0..input.len()).flat_map(row).collect();
    let found = processing_capacity(&features, &input, &settings).expect("it fits");
    assert_eq!((found.rank, found.functions), (6, 10 + 21 + 20));
    assert!((found.degrees[0] - 4.0).abs() < 1e-9 && (found.degrees[1] - 2.0).abs() < 1e-9, "{found:?}");
    assert!(found.degrees[2].abs() < 0.05 && found.threshold < 0.02, "{found:?}");
}

#[test]
fn the_capacity_of_a_reservoir_does_not_exceed_its_features() {
    let settings = ProcessingSettings { wash_out: 100, steps: 2000, delays: vec![30, 8, 5, 4] };
    let input = uniform_input(2100, &mut Stream::named(4, "input"));
    for reservoir in [
        ReservoirSettings::EchoState(EchoState { nodes: 12, ..EchoState::default() }),
        ReservoirSettings::SpinNetwork(SpinNetwork {
            qubits: 4,
            reading: Reading { virtual_nodes: 3, ..Reading::default() },
            ..SpinNetwork::default()
        }),
    ] {
        let mut reservoir = Reservoir::new(&reservoir, &[[0.0, 1.0]], &mut Stream::named(5, "reservoir")).expect("it fits");
        let features = reservoir.run(std::slice::from_ref(&input)).expect("it runs");
        let found = processing_capacity(&features, &input, &settings).expect("it fits");
        // what chance adds to capacities above the threshold is less than a twentieth
        assert!(found.rank == 12 && found.total <= 12.6 && found.total > 6.0, "{found:?}");
    }
}

#[test]
fn fading_memory_is_told_from_none() {
    let input = vec![uniform_input(300, &mut Stream::named(6, "input"))];
    let test = |settings: &EchoState| {
        let settings = ReservoirSettings::EchoState(settings.clone());
        let mut reservoir = Reservoir::new(&settings, &[[0.0, 1.0]], &mut Stream::named(7, "reservoir")).expect("it fits");
        fading(&mut reservoir, &input).expect("it runs")
    };
    let fades = test(&EchoState { nodes: 30, spectral_radius: 0.5, ..EchoState::default() });
    assert!(fades.forgotten.is_some_and(|step| step < 60) && fades.rate.is_some_and(|rate| rate < 0.7), "{fades:?}");
    let chaos = test(&EchoState { nodes: 100, spectral_radius: 3.0, input_scale: 0.1, ..EchoState::default() });
    assert!(chaos.forgotten.is_none() && chaos.distances[299] > 0.1);
}

#[test]
fn an_assessment_is_the_parts_of_it() {
    let network =
        SpinNetwork { qubits: 3, reading: Reading { virtual_nodes: 4, ..Reading::default() }, ..SpinNetwork::default() };
    let settings = ReservoirSettings::SpinNetwork(network);
    let mut reservoir = Reservoir::new(&settings, &[[0.0, 1.0]], &mut Stream::named(8, "reservoir")).expect("it fits");
    let settings = AssessmentSettings {
        capacity: CapacitySettings { wash_out: 50, train: 300, test: 200, max_delay: 10, ..CapacitySettings::default() },
        processing: ProcessingSettings { wash_out: 50, steps: 600, delays: vec![10, 5] },
        ..AssessmentSettings::default()
    };
    let all = assess(&mut reservoir, &settings, &mut Stream::named(9, "input")).expect("it runs");
    let input = uniform_input(650, &mut Stream::named(9, "input"));
    reservoir.start(false).expect("it starts");
    let features = reservoir.run(&[input[..550].to_vec()]).expect("it runs");
    assert_eq!(memory_capacity(&features, &input[..550], &settings.capacity).expect("it fits"), all.memory);
    assert!(all.memory.delays[0] > 0.99 && all.memory.total > 0.8 && all.fading.forgotten.is_some(), "{all:?}");
    assert!(all.narma > 0.2 && all.narma < 1.1 && all.processing.rank == 12, "{all:?}");
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let input = vec![0.5; 100];
    let settings = CapacitySettings { wash_out: 5, train: 50, test: 45, max_delay: 6, ..CapacitySettings::default() };
    assert!(memory_capacity(&input, &input, &settings).is_err(), "a delay beyond the wash-out");
    let settings = CapacitySettings { max_delay: 5, test: 44, ..settings };
    assert!(memory_capacity(&input, &input, &settings).is_err(), "another length");
    let settings = ProcessingSettings { wash_out: 50, steps: 50, delays: vec![50, 50, 50, 50] };
    assert!(processing_capacity(&delay_line(&uniform_input(100, &mut Stream::named(1, "u")), 1), &input, &settings).is_err());
}
