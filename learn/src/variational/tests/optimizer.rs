//! Methods that see all rows.

use qloom_nn::RmsPropConfig;
use qloom_optim::{CobylaConfig, LbfgsConfig, Returned, SpsaConfig};

use super::*;

fn methods() -> [ClassifierOptimizer; 4] {
    [
        ClassifierOptimizer::Lbfgs(LbfgsConfig { max_evaluations: 40, ..LbfgsConfig::default() }),
        ClassifierOptimizer::Spsa(SpsaConfig { max_evaluations: 160, a: 0.6, ..SpsaConfig::default() }),
        ClassifierOptimizer::Spsa(SpsaConfig {
            max_evaluations: 160,
            a: 0.6,
            returned: Returned::TailMean,
            ..SpsaConfig::default()
        }),
        ClassifierOptimizer::Cobyla(CobylaConfig { max_evaluations: 150, ..CobylaConfig::default() }),
    ]
}

fn settings(optimizer: ClassifierOptimizer) -> VariationalSettings {
    VariationalSettings { map: MapSettings::Angle {}, layers: 2, optimizer, ..VariationalSettings::default() }
}

#[test]
fn every_method_learns_a_line_and_goes_on_where_it_was() {
    let examples = sides(40);
    for optimizer in methods() {
        let settings = settings(optimizer);
        let mut whole = fitted(&settings, &examples);
        let told = whole.classifier.predict(examples.features()).expect("rows");
        let accuracy = crate::score::accuracy(&told, examples.labels());
        assert!(accuracy > 0.85, "{:?}: {accuracy}", settings.optimizer);
        assert!(whole.events().windows(2).all(|pair| pair[1].loss <= pair[0].loss), "the least so far");
        assert_eq!(whole.epochs(), whole.events().len());
        // cut after a few evaluations
        let new = || VariationalTraining::new(&settings, &examples, SimulatorConfig::default(), 5).expect("it fits");
        let mut first = new();
        for _ in 0..9 {
            first.step().expect("finite");
        }
        let state = serde_json::to_string(&first.state()).expect("JSON");
        let mut second = new();
        second.resume(&serde_json::from_str(&state).expect("JSON")).expect("its own state");
        assert_eq!(second.state(), first.state());
        while second.step().expect("finite").is_some() {}
        assert_eq!(second.state(), whole.state(), "{:?}", settings.optimizer);
        // what was told to one method is not what another asks
        let other = VariationalSettings { layers: 1, ..settings.clone() };
        let mut other = VariationalTraining::new(&other, &examples, SimulatorConfig::default(), 5).expect("it fits");
        assert!(other.resume(&first.state()).is_err());
    }
}

#[test]
fn lbfgs_ends_where_the_loss_is_level() {
    let examples = sides(25);
    let optimizer = ClassifierOptimizer::Lbfgs(LbfgsConfig { max_evaluations: 2000, ..LbfgsConfig::default() });
    let settings = VariationalSettings { loss: ClassLoss::Squared, ..settings(optimizer) };
    let mut training = fitted(&settings, &examples);
    assert!(training.events().len() < 2000);
    let weights = training.classifier.weights().to_vec();
    let all: Vec<usize> = (0..25).collect();
    let mut gradient = vec![0.0; weights.len()];
    let wanted = Some((&mut gradient[..], 1.0 / 25.0));
    let losses = training.rows.losses(&mut training.classifier, &all, &weights, wanted).expect("finite");
    let least = training.events().last().expect("one").loss;
    assert!((losses.sum / 25.0 - least).abs() < 1e-12, "the weights are those of the least loss");
    assert!(gradient.iter().all(|slope| slope.abs() < 1e-4), "{gradient:?}");
}

#[test]
fn keys_that_a_method_has_no_use_for_are_refused() {
    let examples = sides(5);
    let refused = |settings: VariationalSettings, word: &str| {
        let error = VariationalTraining::new(&settings, &examples, SimulatorConfig::default(), 1).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
    };
    let [lbfgs, _, _, cobyla] = methods();
    refused(VariationalSettings { epochs: 7, ..settings(cobyla.clone()) }, "max_evaluations");
    refused(VariationalSettings { batch: 7, ..settings(lbfgs.clone()) }, "max_evaluations");
    refused(VariationalSettings { shots: Some(100), ..settings(lbfgs) }, "leave out shots");
    let sampled = SpsaConfig { samples: Some(10.0), ..SpsaConfig::default() };
    refused(settings(ClassifierOptimizer::Spsa(sampled)), "set shots");
    let none = CobylaConfig { max_evaluations: 0, ..CobylaConfig::default() };
    refused(settings(ClassifierOptimizer::Cobyla(none)), "max_evaluations");
    let batches = VariationalSettings { batch: 7, ..settings(ClassifierOptimizer::Rmsprop(RmsPropConfig::default())) };
    assert!(VariationalTraining::new(&batches, &examples, SimulatorConfig::default(), 1).is_ok());
}
