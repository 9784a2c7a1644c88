//! Neural networks small enough to be trained between two evaluations of something else.
//!
//! [`Parameters`] are named matrices. Layers ([`Linear`], [`Mlp`], [`RnnCell`], [`GruCell`], [`LstmCell`]) add theirs, and
//! compute on a [`Tape`], which finds [`Gradients`]; an [`Optimizer`] makes a step. An [`Operation`] defined elsewhere,
//! such as a batch of circuits, takes part by the product of a cotangent with its Jacobian. Definitions are PyTorch's.
//! Random numbers come from the caller, and no result depends on the number of threads.
//!
//! ```
//! use qloom_nn::{Activation, Adam, AdamConfig, Gradients, Mlp, Optimizer, Parameters, Tape, Workspace, mean_square};
//! use rand::{SeedableRng, rngs::ChaCha8Rng};
//!
//! // Exclusive or.
//! let (inputs, targets) = ([0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0]);
//! let mut rng = ChaCha8Rng::seed_from_u64(1);
//! let mut parameters = Parameters::<f32>::new();
//! let mlp = Mlp::new(&mut parameters, "mlp", &[2, 8, 1], Activation::Tanh, &mut rng);
//! let mut adam = Adam::new(AdamConfig { learning_rate: 0.03, ..AdamConfig::default() }, &parameters)?;
//! let (mut gradients, mut workspace) = (Gradients::zeros(&parameters), Workspace::new());
//! let mut last = f32::INFINITY;
//! for _ in 0..300 {
//!     let mut tape = Tape::new(&parameters, &mut workspace);
//!     let (x, y) = (tape.constant((4, 2), &inputs), tape.constant((4, 1), &targets));
//!     let values = mlp.forward(&mut tape, x);
//!     let loss = mean_square(&mut tape, values, y);
//!     last = tape.value(loss)[0];
//!     gradients.clear();
//!     tape.backward(loss, &mut gradients)?;
//!     adam.step(&mut parameters, &gradients);
//! }
//! assert!(last < 1e-3);
//! # Ok::<(), qloom_nn::NnError>(())
//! ```

mod error;
mod init;
mod layer;
mod loss;
mod optimizer;
mod parameters;
mod product;
mod scalar;
mod tape;
mod tensors;

pub use error::{NnError, OperationError};
pub use init::Init;
pub use layer::Activation;
pub use layer::gru::GruCell;
pub use layer::linear::Linear;
pub use layer::lstm::{LstmCell, LstmState};
pub use layer::mlp::Mlp;
pub use layer::rnn::RnnCell;
pub use loss::{binary_cross_entropy, binary_cross_entropy_with_logits, huber, mean_square, softmax_cross_entropy};
pub use optimizer::Optimizer;
pub use optimizer::adam::{Adam, AdamConfig};
pub use optimizer::rmsprop::{RmsProp, RmsPropConfig};
pub use optimizer::sgd::{Sgd, SgdConfig};
pub use parameters::{Gradients, ParameterId, Parameters};
pub use scalar::Scalar;
pub use tape::{BinaryRow, CustomInputs, Operation, Tape, Var, Workspace};
pub use tensors::Tensors;
