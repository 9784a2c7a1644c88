//! Times training steps.
use qloom_qas::*;
use std::time::Instant;
fn main() {
    for (hidden, batch) in [(vec![128, 128], 32), (vec![128, 128], 64), (vec![256, 256, 256], 32), (vec![64, 64], 32)] {
        let cfg = DqnConfig { hidden: hidden.clone(), batch, n_step: 1, ..DqnConfig::default() };
        let mut d = Dqn::new(cfg, Dimensions { inputs: 1121, actions: 24 }, 1).unwrap();
        let ob = |i: u32| Observation {
            entries: (0..(i % 40)).map(|k| k * 28 + (i * 7 + k * 3) % 28).collect(),
            energy: 0.5,
            illegal: vec![],
        };
        for i in 0..500u32 {
            d.observe(Transition { before: ob(i), action: i as usize % 24, reward: 0.1, after: ob(i + 1), done: i % 40 == 39 });
        }
        let mut v = vec![];
        for _ in 0..400 {
            let t = Instant::now();
            d.learn().unwrap();
            v.push(t.elapsed().as_secs_f64() * 1e6);
        }
        v.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let o = ob(20);
        let mut w = vec![];
        for _ in 0..4000 {
            let t = Instant::now();
            d.act(&o).unwrap();
            w.push(t.elapsed().as_secs_f64() * 1e6);
        }
        w.sort_by(|a, b| a.partial_cmp(b).unwrap());
        println!(
            "{hidden:?} batch {batch}: train {:.0} us (min {:.0}), act {:.1} us (eps {:.2}) ",
            v[200],
            v[0],
            w[3900],
            d.exploration()
        );
    }
}
