//! Circuits read from and written to OpenQASM files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};

use qloom::circuits::Circuit;
use qloom::circuits::program::HybridProgram;
use qloom::circuits::qasm::{self, AnyProgram, QasmErrors};
use qloom::hardware::{Device, translate, verbatim};

use crate::failure::{Failure, OrFailure};
use crate::files;

/// Includes inside includes are followed this deep.
const MAX_DEPTH: usize = 16;

/// The most files one program may include.
const MAX_FILES: usize = 100;

/// The most bytes that all included files may have.
const MAX_BYTES: u64 = 64 << 20;

/// An OpenQASM program with the files it includes.
pub struct Source {
    /// The program.
    pub text: String,
    included: HashMap<String, String>,
}

impl Source {
    /// Reads a file and what it includes; `-` is standard input.
    ///
    /// Included files are looked for beside the including one and must lie in the program's folder or below, links followed: a program
    /// cannot reach other files of the machine.
    ///
    /// # Errors
    /// Bad input when a file cannot be read, lies elsewhere, or includes go too deep.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = files::read_text(path)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        // where links lead decides, not what they are called
        let root = if folder == Path::new("") { Path::new(".") } else { &folder }.canonicalize().ok();
        let mut bytes = 0u64;
        let mut included = HashMap::new();
        let mut waiting: Vec<(PathBuf, String, usize)> =
            qasm::includes(&text).into_iter().map(|name| (folder.clone(), name, 1)).collect();
        while let Some((folder, name, depth)) = waiting.pop() {
            if included.contains_key(&name) {
                continue;
            }
            if depth > MAX_DEPTH || included.len() >= MAX_FILES {
                let message =
                    format!("include \"{name}\": files include one another more than {MAX_DEPTH} deep or {MAX_FILES} in all");
                return Err(Failure::input(message));
            }
            let relative = Path::new(&name);
            if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
                return Err(Failure::input(format!(
                    "include \"{name}\": only files beside the program or in folders below it are read"
                )));
            }
            let place = folder.join(relative);
            if !place.is_file() {
                continue; // the reader reports it at its line
            }
            let inside = root.as_ref().zip(place.canonicalize().ok()).is_some_and(|(root, place)| place.starts_with(root));
            if !inside {
                return Err(Failure::input(format!(
                    "include \"{name}\": it leads out of the folder of the program; put the file there"
                )));
            }
            let size = place.metadata().map_or(u64::MAX, |metadata| metadata.len());
            bytes = bytes.saturating_add(size);
            if bytes > MAX_BYTES {
                let limit = MAX_BYTES >> 20;
                return Err(Failure::input(format!(
                    "include \"{name}\": the included files have more than {limit} MiB together"
                )));
            }
            let inner = files::read_text(&place)?;
            let below = place.parent().unwrap_or(Path::new("")).to_owned();
            waiting.extend(qasm::includes(&inner).into_iter().map(|name| (below.clone(), name, depth + 1)));
            included.insert(name, inner);
        }
        Ok(Self { text, included })
    }

    /// The circuit, or every mistake.
    ///
    /// # Errors
    /// All mistakes with their places.
    pub fn circuit(&self) -> Result<Circuit, QasmErrors> {
        qasm::read_with(&self.text, &self.included, qasm::Limits::default())
    }

    /// The circuit, or the program where no circuit says all of it, or every mistake.
    ///
    /// # Errors
    /// All mistakes with their places.
    pub fn program(&self) -> Result<AnyProgram, QasmErrors> {
        qasm::read_any(&self.text, &self.included, qasm::Limits::default())
    }
}

/// Reads an OpenQASM file that may be more than a circuit; `-` is standard input.
///
/// # Errors
/// As [`read`].
pub fn read_any(path: &Path) -> Result<AnyProgram, Failure> {
    Source::read(path)?.program().map_err(|errors| Failure::input(format!("{}\n{errors}", path.display())))
}

/// The most operations of a circuit that a program becomes.
const MOST_OPERATIONS: usize = 1_000_000;

/// A program as a circuit, its delays, boxes and stretches worked out by the times of a device.
///
/// # Errors
/// Bad input where it is no circuit, or a length is not known or not fixed.
pub fn scheduled(program: &HybridProgram, device: &Device, path: &Path) -> Result<Circuit, Failure> {
    let durations = device.durations().or_input(&device.name)?;
    let circuit = program.scheduled(MOST_OPERATIONS, &durations);
    circuit.map_err(|errors| Failure::input(format!("{}\n{errors}", path.display())))
}

/// Reads an OpenQASM file; `-` is standard input.
///
/// # Errors
/// Bad input with file, line, column and the source line of every mistake.
pub fn read(path: &Path) -> Result<Circuit, Failure> {
    Source::read(path)?.circuit().map_err(|errors| Failure::input(format!("{}\n{errors}", path.display())))
}

/// Values for the free parameters of a circuit.
#[derive(clap::Args)]
pub struct Binding {
    /// Give a free parameter (input float alpha) a value: a number or an expression such as pi/4; or the values of a JSON object,
    /// {"alpha": 0.3}. Can be given several times.
    #[arg(long, value_name = "NAME=VALUE|FILE.json")]
    bind: Vec<String>,
}

impl Binding {
    /// The values by name; what comes later holds.
    ///
    /// # Errors
    /// Bad input when a text is neither a name with a number nor a file of such.
    pub fn values(&self) -> Result<BTreeMap<String, f64>, Failure> {
        let mut values = BTreeMap::new();
        for text in self.bind.iter().flat_map(|text| text.split(',')).map(str::trim) {
            match text.split_once('=') {
                Some((name, value)) => {
                    let value = qasm::number(value.trim()).or_input(format!("--bind {text}"))?;
                    values.insert(name.trim().to_owned(), value);
                }
                None if text.ends_with(".json") => {
                    let place = format!("{text} is not an object of names and numbers");
                    let read: BTreeMap<String, f64> =
                        serde_json::from_str(&files::read_text(Path::new(text))?).or_input(place)?;
                    values.extend(read);
                }
                None => {
                    return Err(Failure::input(format!("--bind {text}: write name=value, or name a file that ends in .json")));
                }
            }
        }
        Ok(values)
    }

    /// The circuit with the values in place of its parameters; those without stay free.
    ///
    /// # Errors
    /// As [`Binding::values`], and for a name that no parameter has.
    pub fn apply(&self, circuit: Circuit) -> Result<Circuit, Failure> {
        let values = self.values()?;
        if values.is_empty() { Ok(circuit) } else { circuit.bind_named(&values).or_input("--bind") }
    }
}

/// The names of the free parameters of a circuit, in their order.
pub fn parameter_names(circuit: &Circuit) -> Vec<String> {
    (0..circuit.num_parameters()).map(|index| circuit.parameter_name(index)).collect()
}

/// The version and dialect of a written program.
#[derive(clap::Args)]
pub struct Form {
    /// The version of OpenQASM, or the JSON of IonQ's jobs, in its native gates.
    #[arg(long, default_value = "qasm3")]
    to: Version,
    /// For whom the program is written: plain, ibm, braket (OpenQASM 3), quantinuum (OpenQASM 2), ionq, rigetti; the last three in native gates.
    /// What a service refuses of the language is refused by its name. What is compiled for a device stands in a verbatim box of braket and
    /// rigetti (OpenQASM 3).
    #[arg(long, default_value = "plain", value_name = "NAME")]
    dialect: String,
}

/// Versions of OpenQASM, and what else circuits are written as.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Version {
    Qasm2,
    Qasm3,
    IonqJson,
}

impl Form {
    /// Whether it is version 3 for nobody in particular.
    pub fn is_plain(&self) -> bool {
        matches!(self.to, Version::Qasm3) && self.dialect == "plain"
    }

    /// The circuit as a program of this form.
    ///
    /// # Errors
    /// Bad input when there is no such dialect, or it cannot say what the circuit does.
    pub fn write(&self, circuit: &Circuit) -> Result<String, Failure> {
        self.written(circuit, false)
    }

    /// [`Form::write`] of a circuit that was compiled for a device.
    ///
    /// # Errors
    /// As [`Form::write`].
    pub fn write_compiled(&self, circuit: &Circuit) -> Result<String, Failure> {
        self.written(circuit, true)
    }

    fn written(&self, circuit: &Circuit, compiled: bool) -> Result<String, Failure> {
        let dialect = qasm::Dialect::from_name(&self.dialect).ok_or_else(|| {
            let names: Vec<&str> = qasm::Dialect::ALL.iter().map(|dialect| dialect.name()).collect();
            Failure::input(format!("--dialect {}: there is no such dialect; choose one of {}", self.dialect, names.join(", ")))
        })?;
        let version = match self.to {
            Version::Qasm2 => qasm::Version::V2,
            Version::Qasm3 => qasm::Version::V3,
            Version::IonqJson if [qasm::Dialect::Plain, qasm::Dialect::IonQ].contains(&dialect) => {
                let native = translate(circuit, qasm::Dialect::IonQ).or_input("cannot write the circuit")?;
                return qasm::write_ionq(&native).or_input("cannot write the circuit");
            }
            Version::IonqJson => {
                return Err(Failure::input(format!("--to ionq-json is written for IonQ; leave out --dialect {}", self.dialect)));
            }
        };
        let mut native = translate(circuit, dialect).or_input("cannot write the circuit")?;
        let boxed = [qasm::Dialect::Braket, qasm::Dialect::Rigetti].contains(&dialect) && version == qasm::Version::V3;
        if compiled && boxed {
            native = verbatim(&native);
        }
        qasm::write(&native, version, dialect).or_input("cannot write the circuit")
    }
}
