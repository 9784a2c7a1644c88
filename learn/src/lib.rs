//! From data to models: recurrent cells made of circuits, as trained networks and as reservoirs, for time series; kernels and variational
//! circuits that tell classes apart.
//!
//! A series is cut into windows ([`Windows`]); a [`RecurrentModel`] is a cell, quantum or classical, and a linear readout;
//! [`SeriesTraining`] fits it, all of it or the readout alone. A [`Reservoir`] keeps its state from step to step and runs along the whole
//! series; [`measure`] says what it remembers.
//!
//! ```
//! use qloom_circuits::Stream;
//! use qloom_learn::{CellSettings, QuantumCell, ReadoutSettings, RidgeSettings, SeriesTraining, WindowSettings, Windows, series};
//! let pendulum = series::damped_pendulum(&series::Pendulum::default());
//! let windows = Windows::of_series(&series::scaled(&pendulum)?, &WindowSettings::default())?;
//! let cell = CellSettings::Qrnn(QuantumCell { qubits: 3, depth: 1, reservoir: true, ..QuantumCell::default() });
//! let readout = ReadoutSettings::Ridge(RidgeSettings::default());
//! let mut training = SeriesTraining::new(&cell, &readout, windows, 7)?;
//! let event = training.step()?.expect("a closed form has one step");
//! assert!(event.test_loss < 0.1);
//! # Ok::<(), qloom_learn::LearnError>(())
//! ```
//!
//! Series that each have a label are [`Sequences`], of any length; [`SequenceTraining`] fits what tells their classes apart.
//!
//! Rows with labels are [`Examples`]; a [`Preparation`] scales them, and a [`ClassifierTraining`] fits a support-vector machine on a
//! [`FidelityKernel`] or a [`VariationalClassifier`]. [`classical`] has the rivals. An [`AnswerSelector`] chooses sentences that answer questions.

mod answer;
mod block;
mod calibration;
mod cell;
pub mod classical;
mod diagnostic;
mod error;
mod examples;
#[cfg(test)]
mod golden;
mod kernel;
mod kernel_classifier;
mod kernel_machine;
mod kernel_method;
mod labelled;
pub mod measure;
mod model;
mod network;
mod noisy;
mod online;
mod preparation;
mod readout;
mod regression;
mod reservoir;
pub mod rival;
mod saved;
mod score;
mod sequence;
pub mod series;
mod svm;
mod text;
mod training;
mod unlabelled;
mod variational;
mod windows;

pub use answer::{AnswerRules, AnswerSelector, AnswerType, Question, SelectionScore};
pub use block::{Block, BlockSettings};
pub use calibration::Sigmoid;
pub use cell::{Cell, CellSettings, CellState, CellStep, ClassicalCell, GruUpdate, QuantumCell, Start};
pub use diagnostic::{
    CircuitDiagnosis, Concentration, EffectiveDimension, FisherDiagnosis, GeometricDifference, KernelDiagnosis, concentration,
    diagnose_circuit, diagnose_kernel, effective_dimension, geometric_difference, target_alignment,
};
pub use error::LearnError;
pub use examples::{Examples, stratified_folds, stratified_split};
pub use kernel::{
    AlignmentState, EncodedRows, Encoding, FidelityKernel, FrontSettings, KernelAlignment, KernelKind, KernelRows, MapSettings,
    QuantumKernel, centred_alignment, repaired, smallest_eigenvalue,
};
pub use kernel_classifier::{NystroemMachine, PegasosMachine, ProcessSettings};
pub use kernel_machine::{ClassWeights, KernelSvm, KernelSvmSettings, WeightRule};
pub use kernel_method::{
    GaussianProcess, KernelComponents, KernelRidge, Nystroem, OneClassMachine, Pegasos, PegasosSettings, ProcessClassifier,
    VectorRegression, VectorRegressionSettings, spectral_clustering,
};
pub use labelled::{
    Alignments, CircuitLoss, ClassifierSettings, ClassifierState, ClassifierTraining, FeatureSource, LabelledModelFile,
};
pub use model::{ModelFile, RecurrentModel};
pub use network::{ModelSettings, Network, ReservoirModel};
pub use online::{Force, ForceSettings, RecursiveLeastSquares, RecursiveSettings};
pub use preparation::{FeatureScale, Preparation};
pub use readout::{GradientSettings, OptimizerSettings, ReadoutSettings, RidgeSettings, ridge};
pub use regression::{ProcessMachine, Regressed, RegressionFile, RegressionSettings, RidgeMachine, VectorMachine, r_squared};
pub use reservoir::{EchoState, QuantumReservoir, Reading, Readouts, Reservoir, ReservoirSettings, SpinNetwork};
pub use saved::head as model_head;
pub use score::{accuracy, confusion, mean_roc_auc, roc_auc, wilson_interval};
pub use sequence::{
    Pooling, SequenceColumns, SequenceEvent, SequenceModel, SequenceModelFile, SequenceState, SequenceTraining, Sequences,
    rivals as sequence_rivals,
};
pub use svm::{SupportVectorMachine, SvmSettings};
pub use text::{TextFeatures, words};
pub use training::{EpochEvent, LiveTold, SeriesTraining, TrainingState};
pub use unlabelled::{
    ClusterSettings, ComponentSettings, Found, OutlierSettings, UnlabelledFile, UnlabelledSettings, adjusted_rand_index,
};
pub use variational::{
    AnsatzSettings, ClassLoss, ClassReadout, ClassifierEpoch, ClassifierOptimizer, NaturalGradientSettings,
    VariationalClassifier, VariationalSettings, VariationalState, VariationalTraining,
};
pub use windows::{Scale, Scaling, SeriesWindows, WindowSettings, Windows, nrmse};
