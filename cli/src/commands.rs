//! The commands, one file each.

mod answer;
mod check;
mod compile;
mod completions;
mod convert;
mod device;
mod diagnose;
mod draw;
mod evolve;
mod explain;
mod gradient;
mod hamiltonian;
mod jones;
mod kernel;
mod mitigate;
mod predict;
mod report;
mod reservoir;
mod search;
mod simulate;
mod sweep;
mod synthesize;
mod train;
mod unitary;
mod validate;

use crate::failure::Failure;

#[derive(clap::Subcommand)]
pub enum Command {
    Search(search::Arguments),
    Report(report::Arguments),
    Simulate(simulate::Arguments),
    Draw(draw::Arguments),
    Evolve(evolve::Arguments),
    Explain(explain::Arguments),
    Device(device::Arguments),
    Hamiltonian(hamiltonian::Arguments),
    Check(check::Arguments),
    Compile(compile::Arguments),
    Convert(convert::Arguments),
    Gradient(gradient::Arguments),
    Mitigate(mitigate::Arguments),
    Jones(jones::Arguments),
    Completions(completions::Arguments),
    Unitary(unitary::Arguments),
    Kernel(kernel::Arguments),
    Train(train::Arguments),
    Predict(predict::Arguments),
    Reservoir(reservoir::Arguments),
    Answer(answer::Arguments),
    Sweep(sweep::Arguments),
    Synthesize(synthesize::Arguments),
    Validate(validate::Arguments),
    Diagnose(diagnose::Arguments),
}

impl Command {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        match self {
            Command::Search(arguments) => arguments.json(),
            Command::Report(arguments) => arguments.json,
            Command::Simulate(arguments) => arguments.json,
            Command::Draw(arguments) => arguments.json,
            Command::Evolve(arguments) => arguments.json,
            Command::Explain(arguments) => arguments.json,
            Command::Device(arguments) => arguments.json(),
            Command::Hamiltonian(arguments) => arguments.json(),
            Command::Check(arguments) => arguments.json,
            Command::Compile(arguments) => arguments.json,
            Command::Convert(arguments) => arguments.json,
            Command::Gradient(arguments) => arguments.json,
            Command::Mitigate(arguments) => arguments.json,
            Command::Jones(arguments) => arguments.json(),
            Command::Completions(arguments) => arguments.json,
            Command::Unitary(arguments) => arguments.json,
            Command::Kernel(arguments) => arguments.json,
            Command::Train(arguments) => arguments.experiment.run.json,
            Command::Predict(arguments) => arguments.json,
            Command::Reservoir(arguments) => arguments.json(),
            Command::Answer(arguments) => arguments.json,
            Command::Sweep(arguments) => arguments.json(),
            Command::Synthesize(arguments) => arguments.json(),
            Command::Validate(arguments) => arguments.json,
            Command::Diagnose(arguments) => arguments.json(),
        }
    }

    /// The number of threads asked for.
    pub fn threads(&self) -> Option<usize> {
        match self {
            Command::Simulate(arguments) => arguments.engine.threads(),
            Command::Evolve(arguments) => arguments.engine.threads(),
            Command::Explain(arguments) => arguments.engine.threads(),
            Command::Gradient(arguments) => arguments.engine.threads(),
            Command::Mitigate(arguments) => arguments.engine.threads(),
            Command::Kernel(arguments) => arguments.engine.threads(),
            Command::Search(_)
            | Command::Report(_)
            | Command::Draw(_)
            | Command::Device(_)
            | Command::Hamiltonian(_)
            | Command::Check(_)
            | Command::Compile(_)
            | Command::Convert(_)
            | Command::Jones(_)
            | Command::Completions(_)
            | Command::Unitary(_)
            | Command::Train(_)
            | Command::Predict(_)
            | Command::Reservoir(_)
            | Command::Answer(_)
            | Command::Sweep(_)
            | Command::Synthesize(_)
            | Command::Validate(_)
            | Command::Diagnose(_) => None,
        }
    }

    /// Whether several ranks can do it together, or all of them the same without harm.
    pub fn works_on_ranks(&self) -> bool {
        matches!(self, Command::Simulate(_) | Command::Gradient(_) | Command::Evolve(_) | Command::Explain(_))
    }

    /// Does what the command says.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Command::Search(arguments) => search::run(&arguments),
            Command::Report(arguments) => report::run(&arguments),
            Command::Simulate(arguments) => simulate::run(&arguments),
            Command::Draw(arguments) => draw::run(&arguments),
            Command::Evolve(arguments) => evolve::run(&arguments),
            Command::Explain(arguments) => explain::run(&arguments),
            Command::Device(arguments) => device::run(&arguments),
            Command::Hamiltonian(arguments) => hamiltonian::run(&arguments),
            Command::Check(arguments) => check::run(&arguments),
            Command::Compile(arguments) => compile::run(&arguments),
            Command::Convert(arguments) => convert::run(&arguments),
            Command::Gradient(arguments) => gradient::run(&arguments),
            Command::Mitigate(arguments) => mitigate::run(&arguments),
            Command::Jones(arguments) => jones::run(&arguments),
            Command::Completions(arguments) => completions::run(&arguments),
            Command::Unitary(arguments) => unitary::run(&arguments),
            Command::Kernel(arguments) => kernel::run(&arguments),
            Command::Train(arguments) => train::run(&arguments),
            Command::Predict(arguments) => predict::run(&arguments),
            Command::Reservoir(arguments) => reservoir::run(&arguments),
            Command::Answer(arguments) => answer::run(&arguments),
            Command::Sweep(arguments) => sweep::run(&arguments),
            Command::Synthesize(arguments) => synthesize::run(&arguments),
            Command::Validate(arguments) => validate::run(&arguments),
            Command::Diagnose(arguments) => diagnose::run(&arguments),
        }
    }
}
