//! An energy under the noise of a device: exact, by shots, by trajectories, and mitigated.
//!
//! Run it with `cargo run --release --example noisy_energy`.

use qloom::circuits::{Angle, Circuit, HamiltonianFile, Stream};
use qloom::estimate::{
    Estimate, Extrapolation, Grouping, Measurements, Readout, ScaledValue, Trajectories, allocate, extrapolate,
};
use qloom::hardware::{Device, Folding, fold};
use qloom::sim::{NoisyEnergy, Observable, PauliProgram, PauliVector, SimulatorConfig};
use rand::SeedableRng;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let file = std::fs::read_to_string(folder.join("molecules/H2_0.7414_2q_parity_2qr.json"))?;
    let hamiltonian = HamiltonianFile::from_json(&file)?.hamiltonian;
    let device: Device = toml::from_str(&std::fs::read_to_string(folder.join("devices/mumbai_median.toml"))?)?;

    // a small ansatz, and the channels the device adds to it
    let mut ansatz = Circuit::new(2);
    ansatz.x(0).ry(Angle::free(0), 1).cx(1, 0);
    let model = device.noise(2)?;
    let noisy = model.apply(&ansatz)?;
    let readout = Readout::new(&model.readout)?;

    // energy and gradient of the density operator, read-out errors included
    let mut energy = NoisyEnergy::new(&noisy, &readout.observable(&hamiltonian)?)?;
    let mut gradient = [0.0];
    let mut angle = [0.0];
    for _ in 0..50 {
        energy.value_and_gradient(&angle, &mut gradient)?;
        angle[0] -= 0.5 * gradient[0];
    }
    println!("noisy minimum        {:+.6} hartree at angle {:+.4}", energy.value(&angle)?, angle[0]);

    // the same by 10^5 shots, shared out over the settings
    let state = energy.state(&angle)?.try_clone()?;
    let measurements = Measurements::new(&hamiltonian, Grouping::QubitWise).with_readout(readout.clone());
    let weights: Vec<f64> = measurements.settings().iter().map(|setting| setting.weight()).collect();
    let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(1);
    let Estimate { value, standard_error } = measurements.estimate(&state, &allocate(100_000, &weights), &mut rng)?;
    println!("by shots             {value:+.6} +- {standard_error:.6}");

    // and by trajectories, which need no density operator
    let bound = noisy.bind(&angle)?;
    let read = readout.observable(&hamiltonian)?;
    let result = Trajectories::<f64>::new(&bound)?.run(
        10_000,
        Some(&read),
        &readout,
        SimulatorConfig::default(),
        &mut Stream::named(1, "trajectories"),
    )?;
    if let Some(Estimate { value, standard_error }) = result.expectation {
        println!("by trajectories      {value:+.6} +- {standard_error:.6} ({} different ones)", result.distinct);
    }

    // extrapolated to no noise of gates
    let mut points = Vec::new();
    for scale in [1.0, 3.0, 5.0] {
        let (folded, scale) = fold(&ansatz.bind(&angle)?, scale, Folding::Gates)?;
        let mut state = PauliVector::zero(2, SimulatorConfig::default())?;
        state.run(&PauliProgram::new(&model.apply(&folded)?)?, &[])?;
        let estimate = Estimate { value: state.expectation(&Observable::new(&hamiltonian))?, standard_error: 0.0 };
        points.push(ScaledValue { scale, estimate });
    }
    println!("extrapolated         {:+.6}", extrapolate(&points, Extrapolation::Richardson)?.value);
    println!("without noise        {:+.6}", qloom::sim::Energy::new(&ansatz, &hamiltonian)?.value(&angle)?);
    Ok(())
}
