//! `qloom hamiltonian model`: lattice and graph models.

use std::path::{Path, PathBuf};

use qloom::chemistry::{Lattice, SpinOrbitals, heisenberg, hubbard, ising, max_cut, random_sum};
use qloom::circuits::{HamiltonianFile, PauliSum, Stream};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::molecule::{MappingArgument, OrderArgument};
use crate::output::{self, Report};

/// Make the Hamiltonian of a lattice or a graph.
///
/// For example: qloom hamiltonian model heisenberg --size 4x3 --boundary periodic --out heisenberg.json
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    model: Model,
}

#[derive(clap::Subcommand)]
enum Model {
    /// The Ising model: -J sum ZZ - h sum X - g sum Z.
    ///
    /// For example: qloom hamiltonian model ising --size 8 --boundary periodic --field 0.5 --exact
    Ising {
        #[command(flatten)]
        lattice: LatticeArguments,
        /// J; positive is ferromagnetic.
        #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
        coupling: f64,
        /// h, the transverse field.
        #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
        field: f64,
        /// g, the longitudinal field.
        #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
        longitudinal: f64,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// The Heisenberg model: sum (J XX + J YY + D J ZZ) + h sum Z with Pauli matrices, XXZ for D other than 1.
    ///
    /// For example: qloom hamiltonian model heisenberg --size 4x3 --anisotropy 0.5 --out xxz.json
    Heisenberg {
        #[command(flatten)]
        lattice: LatticeArguments,
        /// J; positive is antiferromagnetic.
        #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
        coupling: f64,
        /// D, the anisotropy.
        #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
        anisotropy: f64,
        /// h.
        #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
        field: f64,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// The Hubbard model: -t sum (a+ a + h.c.) + U sum n n - mu sum n, two qubits a site.
    ///
    /// For example: qloom hamiltonian model hubbard --size 4 --repulsion 8 --mapping bravyi-kitaev --out hubbard.json
    Hubbard {
        #[command(flatten)]
        lattice: LatticeArguments,
        /// t.
        #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
        hopping: f64,
        /// U.
        #[arg(long, default_value_t = 4.0, allow_negative_numbers = true)]
        repulsion: f64,
        /// mu.
        #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
        chemical_potential: f64,
        /// How fermions become qubits.
        #[arg(long, default_value = "jordan-wigner")]
        mapping: MappingArgument,
        /// The order of spin orbitals.
        #[arg(long, default_value = "interleaved")]
        order: OrderArgument,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// The largest cut of a graph: sum w (ZZ - 1)/2 over its edges, whose lowest value is minus the largest cut.
    ///
    /// For example: qloom hamiltonian model max-cut --edges graph.txt --exact
    MaxCut {
        /// The edges, one a line: two vertices counted from 0, and a weight if it is not 1; # starts a comment, - is standard input.
        #[arg(long, value_name = "FILE")]
        edges: PathBuf,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Different random Pauli words with standard normal coefficients.
    ///
    /// For example: qloom hamiltonian model random --qubits 6 --terms 20 --seed 1 --out random.json
    Random {
        /// Number of qubits.
        #[arg(long, value_name = "N")]
        qubits: usize,
        /// Number of words.
        #[arg(long, value_name = "N")]
        terms: usize,
        /// Seed of the random words and coefficients.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        #[command(flatten)]
        output: OutputArguments,
    },
}

#[derive(clap::Args)]
struct LatticeArguments {
    /// Sites in each direction, such as 8 or 4x3; site x + y * width is qubit or orbital x + y * width.
    #[arg(long, value_name = "LENGTHS")]
    size: String,
    /// Open or periodic; one for all directions, or one for each, separated by commas.
    #[arg(long, default_value = "open", value_delimiter = ',')]
    boundary: Vec<Boundary>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Boundary {
    Open,
    Periodic,
}

#[derive(clap::Args)]
struct OutputArguments {
    /// Write the Hamiltonian as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also compute the ground energy.
    #[arg(long)]
    exact: bool,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Made {
    name: String,
    file: Option<PathBuf>,
    num_qubits: usize,
    /// The identity included.
    num_terms: usize,
    constant: f64,
    one_norm: f64,
    ground_energy: Option<f64>,
}

impl Report for Made {
    fn text(&self) -> String {
        let energy = self.ground_energy.map_or_else(|| "not computed; ask with --exact".to_owned(), |e| format!("{e:.12}"));
        output::pairs(&[
            ("name", self.name.clone()),
            ("qubits", self.num_qubits.to_string()),
            ("terms", format!("{} (identity included)", self.num_terms)),
            ("constant", format!("{:.12}", self.constant)),
            ("one-norm", format!("{:.12} (identity left out)", self.one_norm)),
            ("ground energy", energy),
        ])
    }
}

impl Arguments {
    /// Whether standard output carries one JSON object and nothing else.
    pub fn json(&self) -> bool {
        self.output().json
    }

    fn output(&self) -> &OutputArguments {
        match &self.model {
            Model::Ising { output, .. }
            | Model::Heisenberg { output, .. }
            | Model::Hubbard { output, .. }
            | Model::MaxCut { output, .. }
            | Model::Random { output, .. } => output,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (name, sum) = make(&arguments.model)?;
    let output = arguments.output();
    let ground_energy = match output.exact {
        true => Some(qloom::sim::ground_energy(&sum).or_work("cannot compute the ground energy")?),
        false => None,
    };
    let report = Made {
        name,
        file: output.out.clone(),
        num_qubits: sum.num_qubits(),
        num_terms: sum.terms().len(),
        constant: sum.constant(),
        one_norm: sum.one_norm(),
        ground_energy,
    };
    if let Some(path) = &output.out {
        let record = HamiltonianFile { name: Some(report.name.clone()), ground_energy, ..HamiltonianFile::from(sum) };
        files::write_whole(path, record.to_json().as_bytes())?;
    }
    output::report(output.json, &report)
}

fn make(model: &Model) -> Result<(String, PauliSum), Failure> {
    let place = "cannot make the model";
    match model {
        Model::Ising { lattice, coupling, field, longitudinal, .. } => {
            let sum = ising(&lattice.read()?, *coupling, *field, *longitudinal).or_input(place)?;
            Ok((format!("ising_{}", lattice.size), sum))
        }
        Model::Heisenberg { lattice, coupling, anisotropy, field, .. } => {
            let couplings = [*coupling, *coupling, coupling * anisotropy];
            Ok((format!("heisenberg_{}", lattice.size), heisenberg(&lattice.read()?, couplings, *field).or_input(place)?))
        }
        Model::Hubbard { lattice, hopping, repulsion, chemical_potential, mapping, order, .. } => {
            let sites = lattice.read()?;
            let orbitals = SpinOrbitals::new((*mapping).into(), (*order).into(), sites.num_sites()).or_input(place)?;
            let sum = hubbard(&sites, &orbitals, *hopping, *repulsion, *chemical_potential).or_input(place)?;
            Ok((format!("hubbard_{}", lattice.size), sum))
        }
        Model::MaxCut { edges, .. } => {
            let (graph, weights) = read_edges(edges)?;
            Ok((format!("max_cut_{}", graph.num_sites()), max_cut(&graph, &weights).or_input(place)?))
        }
        Model::Random { qubits, terms, seed, .. } => {
            let mut stream = Stream::named(*seed, "random Hamiltonian");
            Ok((format!("random_{qubits}_{terms}_{seed}"), random_sum(*qubits, *terms, &mut stream).or_input(place)?))
        }
    }
}

impl LatticeArguments {
    fn read(&self) -> Result<Lattice, Failure> {
        let wrong = || Failure::input(format!("--size {:?}: write lengths such as 8 or 4x3", self.size));
        let lengths: Vec<usize> =
            self.size.split('x').map(|length| length.trim().parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
        let periodic: Vec<bool> = match self.boundary.as_slice() {
            [one] => vec![*one == Boundary::Periodic; lengths.len()],
            list => list.iter().map(|boundary| *boundary == Boundary::Periodic).collect(),
        };
        Lattice::grid(&lengths, &periodic).or_input(format!("--size {}", self.size))
    }
}

fn read_edges(path: &Path) -> Result<(Lattice, Vec<f64>), Failure> {
    let text = files::read_text(path)?;
    let (mut edges, mut weights) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let wrong =
            || Failure::input(format!("{}, line {}: expected two vertices and perhaps a weight", path.display(), number + 1));
        let fields: Vec<&str> = line.split_whitespace().collect();
        let vertex = |text: &str| text.parse::<usize>().map_err(|_| wrong());
        match fields.as_slice() {
            [] => continue,
            [a, b] => {
                edges.push((vertex(a)?, vertex(b)?));
                weights.push(1.0);
            }
            [a, b, weight] => {
                edges.push((vertex(a)?, vertex(b)?));
                weights.push(weight.parse().map_err(|_| wrong())?);
            }
            _ => return Err(wrong()),
        }
    }
    let vertices = edges.iter().map(|&(a, b)| a.max(b).saturating_add(1)).max().unwrap_or(0);
    let graph = Lattice::graph(vertices, &edges).or_input(path.display())?;
    Ok((graph, weights))
}
