//! Networks as lists of seeds.

use qloom_circuits::Stream;
use qloom_nn::{Parameters, Tape, Tensors, Workspace};
use serde::{Deserialize, Serialize};

use crate::QasError;
use crate::agent::Observation;
use crate::agent::layers::{Layers, Shape};

/// A network: the seed of its first weights, and those of the mutations since, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Genome {
    first: u64,
    mutations: Vec<u64>,
}

impl Genome {
    pub(super) fn new(stream: &mut Stream) -> Self {
        Self { first: stream.word(), mutations: Vec::new() }
    }

    pub(super) fn mutated(&self, stream: &mut Stream) -> Self {
        let mut child = self.clone();
        child.mutations.push(stream.word());
        child
    }
}

/// The network of a genome.
pub(super) struct Policy {
    hidden: Vec<usize>,
    layers: Layers,
    mutation: f64,
    genome: Genome,
    parameters: Parameters<f32>,
    workspace: Workspace<f32>,
}

impl Policy {
    pub(super) fn new(shape: &Shape<'_>, mutation: f64, genome: &Genome) -> Self {
        let mut parameters = Parameters::new();
        let layers = Layers::new(shape, "", &mut parameters, &mut first(genome));
        let mut policy = Self {
            hidden: shape.hidden.to_vec(),
            layers,
            mutation,
            genome: genome.clone(),
            parameters,
            workspace: Workspace::new(),
        };
        policy.parameters = policy.weights(genome, shape);
        policy
    }

    /// The weights of a genome.
    fn weights(&self, genome: &Genome, shape: &Shape<'_>) -> Parameters<f32> {
        let mut parameters = Parameters::new();
        Layers::new(shape, "", &mut parameters, &mut first(genome));
        genome.mutations.iter().for_each(|&seed| mutate(&mut parameters, seed, self.mutation));
        parameters
    }

    fn of(&self, genome: &Genome) -> Parameters<f32> {
        // a child of the network at hand takes one mutation more
        if let Some((&last, before)) = genome.mutations.split_last()
            && self.genome.first == genome.first
            && self.genome.mutations == before
        {
            let mut parameters = self.parameters.clone();
            mutate(&mut parameters, last, self.mutation);
            return parameters;
        }
        let dimensions = self.layers.dimensions();
        self.weights(genome, &Shape { dimensions, hidden: &self.hidden, dueling: false })
    }

    /// Takes the weights of a genome.
    pub(super) fn become_of(&mut self, genome: &Genome) {
        if self.genome != *genome {
            self.parameters = self.of(genome);
            self.genome = genome.clone();
        }
    }

    /// The legal action of the largest output, the first of equals; `None` when none is legal.
    pub(super) fn best(&mut self, observation: &Observation) -> Result<Option<usize>, QasError> {
        let mut tape = Tape::new(&self.parameters, &mut self.workspace);
        let out = self.layers.forward(&mut tape, &[observation]);
        let values = tape.value(out);
        if values.iter().any(|value| !value.is_finite()) {
            let updates = self.genome.mutations.len() as u64;
            return Err(QasError::Diverged { updates, what: "output of a policy" });
        }
        let mut best: Option<usize> = None;
        for (action, value) in values.iter().enumerate() {
            if observation.is_legal(action) && best.is_none_or(|best| *value > values[best]) {
                best = Some(action);
            }
        }
        Ok(best)
    }

    /// The weights of a genome as a file in the safetensors format.
    pub(super) fn to_bytes(&self, genome: &Genome) -> Result<Vec<u8>, QasError> {
        let mut tensors = Tensors::new();
        if self.genome == *genome {
            tensors.insert("", &self.parameters);
        } else {
            tensors.insert("", &self.of(genome));
        }
        Ok(tensors.to_bytes()?)
    }
}

fn first(genome: &Genome) -> Stream {
    Stream::named(genome.first, "first weights")
}

/// Adds normal numbers of a seed to all weights.
fn mutate(parameters: &mut Parameters<f32>, seed: u64, deviation: f64) {
    let mut stream = Stream::named(seed, "mutation");
    parameters.values_mut().iter_mut().for_each(|weight| *weight += (deviation * stream.normal()) as f32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Dimensions;

    #[test]
    fn a_child_is_its_parent_and_one_mutation_however_it_is_made() {
        let dimensions = Dimensions { inputs: 6, features: 2, actions: 3 };
        let shape = Shape { dimensions, hidden: &[5], dueling: false };
        let mut stream = Stream::named(1, "test");
        let parent = Genome::new(&mut stream);
        let child = parent.mutated(&mut stream);
        let grandchild = child.mutated(&mut stream);
        let mut policy = Policy::new(&shape, 0.1, &parent);
        let first = policy.parameters.values().to_vec();
        policy.become_of(&child);
        policy.become_of(&grandchild);
        let fresh = Policy::new(&shape, 0.1, &grandchild);
        assert_eq!(policy.parameters, fresh.parameters);
        let moved: Vec<f64> = first.iter().zip(fresh.parameters.values()).map(|(a, b)| f64::from(b - a)).collect();
        let spread = (moved.iter().map(|by| by * by).sum::<f64>() / moved.len() as f64).sqrt();
        // two mutations of 0.1
        assert!((spread - 0.02f64.sqrt()).abs() < 0.04, "{spread}");
        assert_eq!(policy.to_bytes(&parent).expect("fits"), Policy::new(&shape, 0.1, &parent).to_bytes(&parent).expect("fits"));
    }
}
