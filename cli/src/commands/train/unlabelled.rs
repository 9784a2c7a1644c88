//! Components, outliers and clusters of the rows of a table.

mod report;

use std::path::Path;
use std::time::Duration;

use qloom::learn::{FeatureScale, Preparation, UnlabelledFile, UnlabelledSettings};
use serde::{Deserialize, Serialize};

use self::report::UnlabelledReport;
use super::COMMAND;
use crate::experiment::{self, Limit};
use crate::failure::{Failure, OrFailure};
use crate::interrupt::Interrupt;
use crate::job::{ExperimentArguments, Job, Limited, Run, Step};
use crate::labelled_file::{self, LabelledRows};
use crate::labelled_fit;
use crate::run_folder::{Meta, NamedFile, RunFolder};
use crate::table::Table;

/// An experiment on rows without labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnlabelledExperiment {
    /// What it is called.
    name: String,
    /// Fixes every random number.
    #[serde(default)]
    seed: u64,
    /// What is fitted to what.
    train: UnlabelledTrain,
}

/// Data and model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnlabelledTrain {
    /// What is looked at.
    data: UnlabelledData,
    /// What is found.
    model: UnlabelledSettings,
}

/// The kinds of data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum UnlabelledData {
    /// A table of numbers.
    Rows(RowsData),
}

/// Rows of numbers in a CSV file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsData {
    /// The file, beside the experiment or in data/.
    file: String,
    /// A column that is no feature; where the file has it, what is found is compared with it. Default label.
    #[serde(default = "label")]
    label: String,
    /// What is done to the columns. Default none.
    #[serde(default)]
    scale: FeatureScale,
    /// Linear principal components that are kept, scaled to [0, 1]; all columns without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    components: Option<usize>,
}

fn label() -> String {
    "label".to_owned()
}

impl Limited for UnlabelledExperiment {
    const LIMITS: &'static [Limit] = &[];
}

/// The copy in the run folder.
const COPY: &str = "rows.csv";

/// Whether an experiment's text is about rows without labels.
pub fn is_unlabelled(text: &str) -> bool {
    let data = |table: &toml::Table| Some(table.get("train")?.get("data")?.as_table()?.contains_key("rows"));
    toml::from_str(text).ok().as_ref().and_then(data).unwrap_or(false)
}

/// What is fitted to what, and the fit once it is there.
struct Session {
    name: String,
    seed: u64,
    columns: Vec<String>,
    /// Row by row.
    rows: Vec<f64>,
    /// What the file says of each row.
    labels: Option<Vec<String>>,
    preparation: Preparation,
    settings: UnlabelledSettings,
    model: Option<UnlabelledFile>,
}

impl Session {
    fn new(experiment: &UnlabelledExperiment, (text, file): &(String, String)) -> Result<Self, Failure> {
        let UnlabelledData::Rows(data) = &experiment.train.data;
        let table = Table::read(text, file)?;
        let columns = labelled_file::feature_columns(&table, &data.label, file)?;
        let LabelledRows { rows, labels, .. } = labelled_file::table_rows(&table, &columns, &data.label, file)?;
        if rows.len() < 2 {
            return Err(Failure::input(format!("{file} has {} rows; two at least are compared", rows.len())));
        }
        let rows = rows.concat();
        let preparation = Preparation::fit(&rows, columns.len(), data.scale, data.components).or_input(file)?;
        let (name, seed, settings) = (experiment.name.clone(), experiment.seed, experiment.train.model.clone());
        Ok(Self { name, seed, columns, rows, labels, preparation, settings, model: None })
    }
}

impl Job for Session {
    const UNIT: &'static str = "fits";
    type Event = ();
    type Report = UnlabelledReport;

    fn step(&mut self, _interrupt: &Interrupt) -> Result<Step<()>, Failure> {
        if self.model.is_some() {
            return Ok(Step::Finished("fits"));
        }
        let (columns, preparation) = (self.columns.clone(), self.preparation.clone());
        let how = (labelled_fit::config(), self.seed);
        let model = UnlabelledFile::fit(&self.settings, columns, preparation, &self.rows, how);
        self.model = Some(model.or_input("the experiment cannot be trained")?);
        Ok(Step::Event(()))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(&self.model).or_work("cannot write the fit")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        self.model = serde_json::from_slice(state).or_input("the checkpoint does not fit the experiment")?;
        Ok(())
    }

    fn progress(&self, _elapsed: Duration) -> (u64, u64, String) {
        (u64::from(self.model.is_some()), 1, String::new())
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        let Some(model) = &self.model else { return Ok(Vec::new()) };
        Ok(vec![("model.json".to_owned(), model.to_json().or_work("cannot write the model")?.into_bytes())])
    }

    fn report(&self, meta: &Meta, folder: Option<&mut RunFolder>) -> Result<UnlabelledReport, Failure> {
        let path = folder.as_ref().map(|folder| folder.path().to_owned());
        let (report, files) = report::all(self, meta.seconds, path.as_deref())?;
        if let Some(folder) = folder {
            folder.write(files)?;
        }
        Ok(report)
    }
}

/// Begins an experiment and runs it to its end.
pub fn begin(text: &str, file: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let mut experiment: UnlabelledExperiment = experiment::parse(text, file, &arguments.overrides)?;
    let UnlabelledData::Rows(data) = &mut experiment.train.data;
    let read = labelled_file::read(&experiment::find_data(Path::new(&data.file), file)?)?;
    COPY.clone_into(&mut data.file);
    let session = Session::new(&experiment, &read)?;
    let meta = Meta::new(COMMAND, experiment.seed);
    let inputs = [(COPY, read.0.as_str())];
    Run::begin(session, arguments.run.out.as_deref(), &experiment, &inputs, meta)?.finish(&arguments.run, interrupt)
}

/// Goes on with a run.
pub fn resume(path: &Path, arguments: &ExperimentArguments, interrupt: &Interrupt) -> Result<(), Failure> {
    let new = |experiment: UnlabelledExperiment, folder: &RunFolder| {
        Session::new(&experiment, &labelled_file::read(&folder.path().join(COPY))?)
    };
    Run::resume(path, COMMAND, &arguments.overrides, new)?.finish(&arguments.run, interrupt)
}
