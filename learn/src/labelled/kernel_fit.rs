//! Fitting a support-vector machine, after the angles of its kernel were trained where there are some.

use faer::Mat;
use qloom_circuits::Stream;
use qloom_sim::SimulatorConfig;
use serde::{Deserialize, Serialize};

use crate::error::LearnError;
use crate::examples::Examples;
use crate::kernel::{AlignmentState, Encoding, KernelAlignment, QuantumKernel, centred_alignment};
use crate::kernel_machine::{KernelSvm, KernelSvmSettings};
use crate::variational::ClassifierEpoch;

/// Centred alignments of the kernel of the training rows with their labels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alignments {
    /// Of the map alone.
    pub map: f64,
    /// With the angles that training began with.
    pub before: f64,
    /// With those it ended with.
    pub after: f64,
}

/// A fit: an epoch at a time of the kernel's angles, then the machine.
#[derive(Debug)]
pub(super) struct KernelFit {
    settings: KernelSvmSettings,
    seed: u64,
    alignment: Option<KernelAlignment>,
    state: Fitted,
    gram: Option<Mat<f64>>,
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fitted {
    machine: Option<KernelSvm>,
    events: Vec<ClassifierEpoch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alignments: Option<Alignments>,
}

/// What it is resumed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelFitState {
    fitted: Fitted,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alignment: Option<AlignmentState>,
}

impl KernelFit {
    /// # Errors
    /// When settings and rows do not fit.
    pub fn new(
        settings: &KernelSvmSettings,
        examples: &Examples,
        config: SimulatorConfig,
        seed: u64,
    ) -> Result<Self, LearnError> {
        let encoding = settings.encoding(None);
        QuantumKernel::new(encoding.clone(), settings.kernel, settings.shots, examples.width(), config)?;
        let training = |front| KernelAlignment::new(&encoding, front, examples, config, seed);
        let alignment = settings.trained.as_ref().map(training).transpose()?;
        Ok(Self { settings: settings.clone(), seed, alignment, state: Fitted::default(), gram: None })
    }

    /// A fit of a kernel whose angles are known; the machine is left to fit.
    ///
    /// # Errors
    /// As [`KernelFit::new`], when there are more angles or fewer, and when the kernel has none.
    pub fn at(mut self, weights: &[f64]) -> Result<Self, LearnError> {
        let missing = LearnError::Unsupported { what: "the kernel has no angles", remedy: "give it a trained circuit" };
        self.alignment = Some(self.alignment.take().ok_or(missing)?.ended(weights)?);
        Ok(self)
    }

    /// Number of steps in all.
    pub fn epochs(&self) -> usize {
        1 + self.alignment.as_ref().map_or(0, KernelAlignment::epochs)
    }

    pub fn events(&self) -> &[ClassifierEpoch] {
        &self.state.events
    }

    pub fn machine(&self) -> Option<&KernelSvm> {
        self.state.machine.as_ref()
    }

    /// The kernel matrix of the training rows, where this value computed it.
    pub fn gram(&self) -> Option<&Mat<f64>> {
        self.gram.as_ref()
    }

    pub fn alignments(&self) -> Option<Alignments> {
        self.state.alignments
    }

    /// How rows become states, with the angles as they are now.
    pub fn encoding(&self) -> Encoding {
        self.settings.encoding(self.alignment.as_ref().map(|training| training.weights().to_vec()))
    }

    /// One step more, or none when all are done.
    pub fn step(&mut self, examples: &Examples, config: SimulatorConfig) -> Result<Option<ClassifierEpoch>, LearnError> {
        if self.state.machine.is_some() {
            return Ok(None);
        }
        let epoch = self.state.events.len() + 1;
        let trained = self.alignment.as_mut().map(KernelAlignment::step).transpose()?.flatten();
        let event = match trained {
            Some(alignment) => ClassifierEpoch { epoch, loss: 1.0 - alignment, accuracy: None },
            None => {
                let weights = self.alignment.as_ref().map(|training| training.weights().to_vec());
                let (machine, gram) = KernelSvm::fit_at(&self.settings, weights, examples, config, self.seed)?;
                let told = machine.predict(examples.features(), examples.classes().len(), config)?;
                let accuracy = crate::score::accuracy(&told, examples.labels());
                self.state.alignments = self.compared(examples, config)?;
                (self.state.machine, self.gram) = (Some(machine), Some(gram));
                ClassifierEpoch { epoch, loss: 1.0 - accuracy, accuracy: Some(accuracy) }
            }
        };
        self.state.events.push(event);
        Ok(Some(event))
    }

    /// Alignments of exact kernels, where angles were trained.
    fn compared(&self, examples: &Examples, config: SimulatorConfig) -> Result<Option<Alignments>, LearnError> {
        let Some(training) = &self.alignment else { return Ok(None) };
        let of = |weights: Option<&[f64]>| -> Result<f64, LearnError> {
            let encoding = self.settings.encoding(weights.map(<[f64]>::to_vec));
            let mut kernel = QuantumKernel::new(encoding, self.settings.kernel, None, examples.width(), config)?;
            let rows = kernel.encode(examples.features())?;
            Ok(centred_alignment(kernel.gram(&rows, &mut Stream::named(0, "none"))?.as_ref(), examples.labels()))
        };
        Ok(Some(Alignments { map: of(None)?, before: of(Some(training.start()))?, after: of(Some(training.weights()))? }))
    }

    pub fn state(&self) -> KernelFitState {
        KernelFitState { fitted: self.state.clone(), alignment: self.alignment.as_ref().map(KernelAlignment::state) }
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// When it is of another fit.
    pub fn resume(&mut self, state: &KernelFitState) -> Result<(), LearnError> {
        match (&mut self.alignment, &state.alignment) {
            (Some(training), Some(state)) => training.resume(state)?,
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                return Err(LearnError::Damaged { reason: "the state is of a kernel of another kind".to_owned() });
            }
        }
        self.state.clone_from(&state.fitted);
        Ok(())
    }
}
