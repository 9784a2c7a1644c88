//! A circuit built, simulated, differentiated and written as OpenQASM.
use qloom::circuits::{Angle, Circuit, PauliString, PauliSum, qasm};
use qloom::sim::Energy;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).cx(0, 1);
    let observable = PauliSum::new(2, [(PauliString::from_word("XX")?, 1.0), (PauliString::from_word("ZI")?, 0.5)])?;
    let mut energy = Energy::new(&circuit, &observable)?;
    let mut gradient = [0.0];
    let value = energy.value_and_gradient(&[0.3], &mut gradient)?; // sin 0.3 + cos 0.3 / 2
    assert!((value - (0.3f64.sin() + 0.3f64.cos() / 2.0)).abs() < 1e-12);
    println!("energy {value:.6}, gradient {:.6}", gradient[0]);
    println!("{}", qasm::write(&circuit.bind(&[0.3])?, qasm::Version::V2, qasm::Dialect::Plain)?);
    Ok(())
}
