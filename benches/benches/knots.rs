//! How long does an exact Jones polynomial take, and how long its estimate by a random vector? Crossings per second.

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use qloom::circuits::Stream;
use qloom::knots::fibonacci::random_vector;
use qloom::knots::{Braid, Closure, Limits, Method, jones_of_braid};

/// Uniform letters and signs from a small generator, every generator of the group present for these seeds.
fn random_braid(strands: usize, crossings: usize, seed: u64) -> Braid {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let letters = (0..crossings).map(|_| (1 + next() % (strands - 1)) as i32 * if next() % 2 == 0 { 1 } else { -1 }).collect();
    Braid::new(strands, letters).expect("letters are in range")
}

fn exact(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("exact");
    group.sample_size(10);
    for (strands, crossings) in [(4, 100), (6, 100), (8, 100), (8, 200), (10, 50), (10, 100), (12, 50), (12, 100)] {
        let braid = random_braid(strands, crossings, 5);
        group.throughput(Throughput::Elements(crossings as u64));
        for (name, method) in [("chosen", None), ("temperley-lieb", Some(Method::TemperleyLieb))] {
            if method.is_some() && strands > 8 {
                continue;
            }
            group.bench_with_input(
                BenchmarkId::new(name, format!("{strands} strands, {crossings} crossings")),
                &braid,
                |bench, braid| {
                    bench.iter(|| {
                        let mut progress = |_, _| ControlFlow::Continue(());
                        let mut limits = Limits { memory_bytes: 8 << 30, progress: &mut progress };
                        black_box(jones_of_braid(braid, Closure::Trace, method, &mut limits).expect("it fits"))
                    });
                },
            );
        }
    }
    group.finish();
}

fn estimated(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("random vector");
    group.sample_size(10);
    let braid = random_braid(30, 300, 5);
    group.throughput(Throughput::Elements(300));
    group.bench_function("30 strands, 300 crossings", |bench| {
        bench.iter(|| {
            let mut progress = |_, _| ControlFlow::Continue(());
            let mut limits = Limits { memory_bytes: 8 << 30, progress: &mut progress };
            black_box(random_vector(&braid, 1, &mut Stream::named(1, "vectors"), &mut limits).expect("it fits"))
        });
    });
    group.finish();
}

criterion_group!(benches, exact, estimated);
criterion_main!(benches);
