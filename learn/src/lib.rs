//! From data to models: recurrent cells made of circuits, as trained networks and as reservoirs, for time series.
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

mod block;
mod cell;
mod error;
pub mod measure;
mod model;
mod network;
mod online;
mod readout;
mod reservoir;
pub mod rival;
pub mod series;
mod training;
mod windows;

pub use block::{Block, BlockSettings};
pub use cell::{Cell, CellSettings, CellState, CellStep, ClassicalCell, GruUpdate, QuantumCell, Start};
pub use error::LearnError;
pub use model::{ModelFile, RecurrentModel};
pub use network::{ModelSettings, Network, ReservoirModel};
pub use online::{Force, RecursiveLeastSquares, RecursiveSettings};
pub use readout::{GradientSettings, OptimizerSettings, ReadoutSettings, RidgeSettings, ridge};
pub use reservoir::{EchoState, QuantumReservoir, Readouts, Reservoir, ReservoirSettings, SpinNetwork};
pub use training::{EpochEvent, SeriesTraining, TrainingState};
pub use windows::{Scale, Scaling, WindowSettings, Windows, nrmse};
