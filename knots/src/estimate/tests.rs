//! Estimates against exact values, without noise, with noise and with a phase between the branches.

use std::ops::ControlFlow;

use num_complex::Complex64;
use qloom_circuits::Stream;
use qloom_hardware::UniformNoise;

use super::*;
use crate::circuit::{Layout, Target};
use crate::fibonacci::Space;
use crate::{Closure, Limits};

fn with_limits<T>(work: impl FnOnce(&mut Limits<'_>) -> T) -> T {
    let mut progress = |_, _| ControlFlow::Continue(());
    work(&mut Limits { memory_bytes: 1 << 32, progress: &mut progress })
}

fn stream(seed: u64) -> Stream {
    Stream::named(seed, "test")
}

fn braid(word: &str) -> Braid {
    word.parse().expect("a braid")
}

fn sampled(braid: &Braid, target: Target, noise: UniformNoise, conjugate: bool, shots: u64, seed: u64) -> Vec<Record> {
    let (braid, noise) = (braid.clone(), noise.into());
    let config = SampleConfig { braid, closure: Closure::Trace, target, noise, conjugate, shots };
    with_limits(|limits| sample(config, &mut stream(seed), limits)).expect("it fits")
}

fn stage(evaluation: &Evaluation, name: StageName) -> Stage {
    *evaluation.stages.iter().find(|stage| stage.name == name).expect("the stage is made")
}

#[test]
fn every_unbiased_stage_is_right_without_noise() {
    for (number, word) in ["1 1 1", "1 -2 1 -2", "1 -2 1 -2 1 -2", "1 1 2 -3 2 1 3"].into_iter().enumerate() {
        let braid = braid(word);
        let exact = Space::new(braid.strands()).expect("a space").trace(&braid);
        for layout in [Layout::Line, Layout::AllToAll] {
            let target = Target { layout, ..Target::default() };
            let seed = number as u64;
            let records = sampled(&braid, target, UniformNoise::default(), true, 40_000, seed);
            let evaluation = evaluate(&records, layout, None, Mitigation::default(), None);
            assert_eq!((evaluation.shots, evaluation.discarded), (40_000, 0.0));
            for name in [StageName::Raw, StageName::Discard, StageName::Echo, StageName::Conjugate] {
                let Stage { value, standard_error, .. } = stage(&evaluation, name);
                let difference = value - exact;
                assert!(
                    difference.re.abs() < 5.0 * standard_error[0],
                    "{word} {name:?}: {value} for {exact}, {standard_error:?}"
                );
                assert!(
                    difference.im.abs() < 5.0 * standard_error[1],
                    "{word} {name:?}: {value} for {exact}, {standard_error:?}"
                );
                assert!(standard_error[0] < 0.02);
            }
            assert!(
                stage(&evaluation, StageName::Echo).standard_error[0]
                    <= stage(&evaluation, StageName::Raw).standard_error[0] * 1.01
            );
        }
    }
}

#[test]
fn standard_errors_are_the_spread_over_seeds() {
    let braid = braid("1 -2 1 -2");
    let exact = Space::new(3).expect("a space").trace(&braid);
    let (mut squares, mut claimed) = (0.0, 0.0);
    let repetitions = 200;
    for seed in 0..repetitions {
        let records = sampled(&braid, Target::default(), UniformNoise::default(), false, 400, seed);
        let echo = stage(&evaluate(&records, Layout::Line, None, Mitigation::default(), None), StageName::Echo);
        squares += (echo.value.re - exact.re).powi(2);
        claimed += echo.standard_error[0].powi(2);
    }
    let ratio = (squares / claimed).sqrt();
    assert!((0.8..1.25).contains(&ratio), "spread over claim: {ratio}");
}

/// Outcomes of a machine that damps by `f` and turns the reference by `chi`, for a plat whose element is `z`.
fn synthetic(z: Complex64, f: f64, chi: f64, shots: u64, seed: u64) -> Vec<Record> {
    let mut stream = stream(seed);
    let string = crate::fibonacci::PathString::cups(4);
    let mut outcomes: [Vec<(u64, u64)>; 4] = Default::default();
    for (kind, (word, part)) in KINDS.iter().enumerate() {
        let ideal = if *word == Word::Braid { z } else { z.conj() } * Complex64::cis(chi);
        let mean = if *part == Part::Real { ideal.re } else { ideal.im };
        let back = (1.0 + z.norm_sqr()) / 2.0;
        let mut counts = [0u64; 3];
        for _ in 0..shots / 4 {
            let point = stream.unit();
            // +1, -1, or the echo does not come back
            let place = if point < f * (back + mean) / 2.0 {
                0
            } else if point < f * back {
                1
            } else {
                2
            };
            counts[place] += 1;
        }
        // the outcome 8 stands for the string 1 0 1 1 on a line: legal, not an echo
        outcomes[kind] = vec![(0, counts[0]), (1, counts[1]), (8, counts[2])];
    }
    vec![Record { string, outcomes }]
}

#[test]
fn the_conjugate_stage_removes_the_phase() {
    let z = Complex64::new(0.45, -0.62);
    let records = synthetic(z, 0.7, 0.5, 400_000, 3);
    let evaluation = evaluate(&records, Layout::Line, None, Mitigation::default(), None);
    let conjugate = stage(&evaluation, StageName::Conjugate);
    assert!((conjugate.value - 0.7 * z).norm() < 5.0 * conjugate.standard_error[0], "{conjugate:?}");
    assert!((stage(&evaluation, StageName::Echo).value - 0.7 * z).norm() > 0.05, "the phase is still there");
    let (phase, error) = evaluation.common_phase.expect("both words ran");
    assert!((phase - 0.5).abs() < 5.0 * error && error < 0.01, "{phase} {error}");
}

/// Without noise every stage is an estimate of the same number, whatever the link: none of them may be of another quantity.
#[test]
fn without_noise_every_stage_has_the_exact_value() {
    let rows = crate::table::rows().iter().filter(|row| row.braid.strands() <= 4 && row.braid.len() <= 10);
    for (number, row) in rows.enumerate() {
        let exact = Space::new(row.braid.strands()).expect("a space").trace(&row.braid);
        let (target, noise) = (Target::default(), UniformNoise::default());
        let records = sampled(&row.braid, target, noise, true, 20_000, number as u64);
        let evaluation = evaluate(&records, target.layout, None, Mitigation::default(), Some(exact));
        for stage in evaluation.stages {
            let error = stage.value - exact;
            // a root of a value near zero is far from it in its own errors
            let near = exact.norm() < 0.1 && stage.name == StageName::Conjugate;
            let sigma = stage.standard_error[0].hypot(stage.standard_error[1]);
            assert!(near || error.norm() < 5.0 * sigma, "{}: {stage:?} for {exact}", row.name);
        }
    }
}

#[test]
fn stages_can_be_switched() {
    let records = synthetic(Complex64::new(0.5, 0.1), 0.9, 0.1, 4000, 4);
    let only = Mitigation { discard: false, echo: false, conjugate: false };
    assert_eq!(evaluate(&records, Layout::Line, None, only, None).stages.len(), 1);
    let all = evaluate(&records, Layout::Line, None, Mitigation::default(), None);
    assert_eq!(all.stages.len(), 4);
}

#[test]
fn noise_damps_and_discarding_helps() {
    // the cube on three strands, conjugated: |E| is large
    let braid = braid("2 -1 3 2 1 1 1 -2 -3 1 -2");
    let exact = Space::new(4).expect("a space").trace(&braid);
    let noise = UniformNoise { depolarizing1: 0.0, depolarizing2: 5e-3, readout: 2e-3 };
    let target = Target::default();
    let expected =
        with_limits(|limits| expected(&braid, target, &noise.into(), exact, 3000, &mut stream(5), limits)).expect("it fits");
    let error = |value: Complex64| (value - exact).norm() / exact.norm();
    assert!(error(expected.echo) > 0.05 && error(expected.echo_discard) < error(expected.echo));
    // shots tell the same
    let records = sampled(&braid, target, noise, false, 40_000, 6);
    let evaluation = evaluate(&records, target.layout, None, Mitigation::default(), None);
    let echo = stage(&evaluation, StageName::Echo);
    assert!((echo.value - expected.echo_discard).norm() < 6.0 * echo.standard_error[0], "{echo:?} {expected:?}");
    assert!((evaluation.discarded - expected.discarded).abs() < 0.01);
}

/// Under a device too, expected values are what shots tell, its relaxation and unequal errors of reading out included.
#[test]
fn devices_are_expected_as_they_are_sampled() {
    let braid = braid("2 -1 3 2 1 1 1 -2 -3 1 -2");
    let exact = Space::new(4).expect("a space").trace(&braid);
    let mut device = qloom_hardware::Device::from_name("line-5").expect("a machine");
    let qubit = qloom_hardware::QubitCalibration { t1_ns: vec![8e4], t2_ns: vec![5e4], ..Default::default() };
    device.qubit = Some(qloom_hardware::QubitCalibration { readout: vec![[0.004, 0.02]], ..qubit });
    device.two_qubit = Some(qloom_hardware::GateCalibration { time_ns: 200.0, error: Some(4e-3), ..Default::default() });
    let target = Target { native: crate::circuit::Native::Cz, ..Target::default() };
    let mut found = Vec::new();
    for noise in [SampleNoise::Device(Box::new(device.clone())), SampleNoise::IdleDevice(Box::new(device))] {
        let expected =
            with_limits(|limits| expected(&braid, target, &noise, exact, 4000, &mut stream(5), limits)).expect("it fits");
        let config =
            SampleConfig { braid: braid.clone(), closure: Closure::Trace, target, noise, conjugate: false, shots: 40_000 };
        let records = with_limits(|limits| sample(config, &mut stream(6), limits)).expect("it fits");
        let evaluation = evaluate(&records, target.layout, None, Mitigation::default(), None);
        let echo = stage(&evaluation, StageName::Echo);
        let error = echo.standard_error[0].hypot(expected.standard_error);
        assert!((echo.value - expected.echo_discard).norm() < 6.0 * error, "{echo:?} {expected:?}");
        assert!((evaluation.discarded - expected.discarded).abs() < 0.01, "{} {expected:?}", evaluation.discarded);
        found.push((expected.clean, expected.echo_discard.norm()));
    }
    assert!(found[1].0 < found[0].0 && found[0].0 < 0.95 && found[1].1 < found[0].1, "waiting costs: {found:?}");
}

#[test]
fn results_do_not_depend_on_threads() {
    let braid = braid("1 -2 1 -2");
    let noise = UniformNoise { depolarizing2: 0.01, ..UniformNoise::default() };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| sampled(&braid, Target::default(), noise, true, 400, 9))
    };
    assert_eq!(run(1), run(3));
}

/// Runs every circuit of a job on the simulator.
fn counts_of(job: &Job) -> std::collections::BTreeMap<String, std::collections::BTreeMap<String, u64>> {
    let config = qloom_sim::SimulatorConfig { threads: 1, ..Default::default() };
    let run = |(index, entry): (usize, &Entry)| {
        let circuit = job.circuit(entry).expect("its own entry");
        let executable = qloom_sim::Executable::<qloom_sim::StateVector<f64>>::new(&circuit).expect("supported");
        let mut stream = qloom_circuits::Stream::numbered(0, "circuit", index as u64);
        let counts = executable.counts(entry.shots, config, &mut stream).expect("it runs");
        (format!("{}.qasm", entry.name), counts.iter().map(|(outcome, times)| (counts.bitstring(outcome), times)).collect())
    };
    job.circuits.iter().enumerate().map(run).collect()
}

#[test]
fn jobs_run_elsewhere_give_the_value_back() {
    let braid = braid("1 -2 1 -2 3");
    let exact = Space::new(4).expect("a space").trace(&braid);
    for (strings, control) in [(None, false), (Some(60), false), (None, true)] {
        let target = Target::default();
        let config =
            JobConfig { braid: braid.clone(), closure: Closure::Trace, target, conjugate: true, shots: 40_000, strings, control };
        let job = Job::new(&config, &mut stream(2)).expect("a job");
        assert_eq!(job.shots_per_draw.is_some(), strings.is_some());
        let counts = counts_of(&job);
        let evaluation =
            evaluate(&job.records(&counts).expect("its counts"), target.layout, job.shots_per_draw, Mitigation::default(), None);
        let echo = stage(&evaluation, StageName::Echo);
        assert!((echo.value.re - exact.re).abs() < 5.0 * echo.standard_error[0], "{echo:?} for {exact}");
        assert!((echo.value.im - exact.im).abs() < 5.0 * echo.standard_error[1], "{echo:?} for {exact}");
        assert_eq!(evaluation.discarded, 0.0);
    }
}

#[test]
fn errors_of_few_strings_are_the_spread_over_seeds() {
    let braid = braid("1 -2 1 -2 3");
    let exact = Space::new(4).expect("a space").trace(&braid);
    let (mut squares, mut claimed) = (0.0, 0.0);
    for seed in 0..60 {
        let config = JobConfig {
            braid: braid.clone(),
            closure: Closure::Trace,
            target: Target::default(),
            conjugate: false,
            shots: 2000,
            strings: Some(20),
            control: false,
        };
        let job = Job::new(&config, &mut stream(seed)).expect("a job");
        let records = job.records(&counts_of(&job)).expect("its counts");
        let echo = stage(&evaluate(&records, Layout::Line, job.shots_per_draw, Mitigation::default(), None), StageName::Echo);
        squares += (echo.value.re - exact.re).powi(2) + (echo.value.im - exact.im).powi(2);
        claimed += echo.standard_error[0].powi(2) + echo.standard_error[1].powi(2);
    }
    let ratio = (squares / claimed).sqrt();
    assert!((0.7..1.4).contains(&ratio), "spread over claim: {ratio}");
}

#[test]
fn counts_of_another_job_are_refused() {
    let config = JobConfig {
        braid: braid("1 1 1"),
        closure: Closure::Trace,
        target: Target::default(),
        conjugate: false,
        shots: 20,
        strings: None,
        control: false,
    };
    let job = Job::new(&config, &mut stream(2)).expect("a job");
    let counts = counts_of(&job);
    assert!(job.records(&counts).is_ok());
    let first = counts.keys().next().expect("a circuit").clone();
    let mut missing = counts.clone();
    missing.remove(&first);
    let mut renamed = missing.clone();
    renamed.insert("other".to_owned(), counts[&first].clone());
    let mut longer = counts.clone();
    longer.insert(first.clone(), std::iter::once(("000".to_owned(), 1)).collect());
    let mut more = counts.clone();
    more.get_mut(&first).expect("it is there").insert("11".to_owned(), 1000);
    for wrong in [missing, renamed, longer, more] {
        let message = job.records(&wrong).expect_err("they belong elsewhere").to_string();
        assert!(message.contains(first.trim_end_matches(".qasm")) || message.contains("other"), "{message}");
    }
}
