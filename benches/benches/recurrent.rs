//! Recurrent networks on series: seconds an epoch, and with `-- table` the losses of every cell on every published task.
//!
//! With `-- spread` how far the losses of five of these rows differ from seed to seed.
//!
//! `cargo bench -p qloom-benches --bench recurrent [-- table | spread]`

use std::time::Instant;

use qloom::learn::{
    CellSettings, ClassicalCell, GradientSettings, QuantumCell, ReadoutSettings, RidgeSettings, SeriesTraining, Start,
    WindowSettings, Windows, series,
};

const SEEDS: u64 = 3;
/// Epochs whose losses are printed.
const SHOWN: [usize; 4] = [1, 15, 30, 100];

fn pendulum() -> Windows {
    let values = series::scaled(&series::damped_pendulum(&Default::default())).expect("it swings");
    Windows::of_series(&values, &WindowSettings::default()).expect("long enough")
}

fn bessel() -> Windows {
    Windows::of_series(&series::scaled(&series::bessel(256)).expect("it swings"), &WindowSettings::default())
        .expect("long enough")
}

fn narma(order: usize) -> Windows {
    let drive = series::narma_drive(100.0, 300);
    let target = series::narma(order, &drive, 0.196).expect("it stays");
    Windows::new(&[&drive], &target, &WindowSettings::default()).expect("long enough")
}

/// Median seconds of an epoch of a whole network on the pendulum, after one that warms up.
fn epochs(name: &str, cell: &CellSettings) {
    let settings = GradientSettings { epochs: 16, ..GradientSettings::default() };
    let mut training = SeriesTraining::new(cell, &ReadoutSettings::Gradient(settings), pendulum(), 1).expect("fits");
    training.step().expect("finite");
    let mut seconds: Vec<f64> = (0..15)
        .map(|_| {
            let start = Instant::now();
            training.step().expect("finite");
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!("{name}: {:.2} ms an epoch (median of 15; shortest {:.2})", 1e3 * seconds[7], 1e3 * seconds[0]);
}

/// Mean losses over the seeds: training at the shown epochs, then test; and test of the closed form.
fn row(task: &str, name: &str, cell: &CellSettings, windows: &Windows, shuffle: bool) {
    let settings = GradientSettings { shuffle, ..GradientSettings::default() };
    let (mut means, mut last, mut ridge) = ([0.0; 8], Vec::new(), 0.0);
    for seed in 0..SEEDS {
        let readout = ReadoutSettings::Gradient(settings.clone());
        let mut training = SeriesTraining::new(cell, &readout, windows.clone(), seed).expect("fits");
        while training.step().expect("finite").is_some() {}
        for (place, epoch) in SHOWN.into_iter().enumerate() {
            let event = training.events()[epoch - 1];
            means[place] += event.train_loss / SEEDS as f64;
            means[4 + place] += event.test_loss / SEEDS as f64;
        }
        last.push(training.events()[99].test_loss);
        if cell.reservoir() {
            let closed = ReadoutSettings::Ridge(RidgeSettings::default());
            let mut training = SeriesTraining::new(cell, &closed, windows.clone(), seed).expect("fits");
            ridge += training.step().expect("finite").expect("one step").test_loss / SEEDS as f64;
        }
    }
    let mean = last.iter().sum::<f64>() / SEEDS as f64;
    let deviation = (last.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / SEEDS as f64).sqrt();
    let cells: Vec<String> = means.iter().map(|loss| format!("{loss:.2e}")).collect();
    let ridge = if cell.reservoir() { format!("{ridge:.2e}") } else { String::new() };
    let order = if shuffle { "shuffled" } else { "in order" };
    println!("| {task} | {name} | {order} | {} | {deviation:.2e} | {ridge} |", cells.join(" | "));
}

fn table() {
    println!("| task | model | batches | train @1 | @15 | @30 | @100 | test @1 | @15 | @30 | @100 | sd @100 | ridge |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let tasks = [("pendulum", pendulum()), ("Bessel J2", bessel()), ("NARMA5", narma(5)), ("NARMA10", narma(10))];
    type Quantum = fn(QuantumCell) -> CellSettings;
    type Classical = fn(ClassicalCell) -> CellSettings;
    let quantum: [(&str, Quantum); 3] =
        [("QRNN", CellSettings::Qrnn), ("QGRU", CellSettings::Qgru), ("QLSTM", CellSettings::Qlstm)];
    let classical: [(&str, Classical); 3] =
        [("RNN", CellSettings::Rnn), ("GRU", CellSettings::Gru), ("LSTM", CellSettings::Lstm)];
    for shuffle in [false, true] {
        for (task, windows) in &tasks {
            for (name, make) in quantum {
                let small = QuantumCell { reservoir: true, ..QuantumCell::default() };
                let uniform = QuantumCell { start: Start::Uniform, ..small.clone() };
                row(task, &format!("{name} reservoir, small"), &make(small), windows, shuffle);
                row(task, &format!("{name} reservoir, uniform"), &make(uniform), windows, shuffle);
                row(task, &format!("{name} whole, small"), &make(QuantumCell::default()), windows, shuffle);
            }
            for (name, make) in classical {
                let still = ClassicalCell { reservoir: true, ..ClassicalCell::default() };
                row(task, &format!("{name} reservoir"), &make(still), windows, shuffle);
                row(task, &format!("{name} whole"), &make(ClassicalCell::default()), windows, shuffle);
            }
        }
    }
}

/// Test losses after epochs 15 and 100 over many seeds.
fn spread() {
    println!("| task | model | epoch | seeds | mean | sd | least | median | largest |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let small = QuantumCell { reservoir: true, ..QuantumCell::default() };
    let rows = [
        ("NARMA5", "QRNN reservoir, small", CellSettings::Qrnn(small.clone()), narma(5), 100),
        ("NARMA10", "QRNN reservoir, small", CellSettings::Qrnn(small.clone()), narma(10), 100),
        ("NARMA5", "QGRU reservoir, small", CellSettings::Qgru(small.clone()), narma(5), 100),
        ("NARMA10", "QGRU reservoir, small", CellSettings::Qgru(small), narma(10), 100),
        ("pendulum", "QRNN whole, small", CellSettings::Qrnn(QuantumCell::default()), pendulum(), 40),
    ];
    for (task, name, cell, windows, seeds) in rows {
        let losses: Vec<[f64; 2]> = (0..seeds)
            .map(|seed| {
                let readout = ReadoutSettings::Gradient(GradientSettings::default());
                let mut training = SeriesTraining::new(&cell, &readout, windows.clone(), seed).expect("fits");
                while training.step().expect("finite").is_some() {}
                [14, 99].map(|epoch: usize| training.events()[epoch].test_loss)
            })
            .collect();
        for (place, epoch) in [15, 100].into_iter().enumerate() {
            let mut list: Vec<f64> = losses.iter().map(|pair| pair[place]).collect();
            list.sort_by(f64::total_cmp);
            let mean = list.iter().sum::<f64>() / seeds as f64;
            let deviation = (list.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / seeds as f64).sqrt();
            let median = 0.5 * (list[(list.len() - 1) / 2] + list[list.len() / 2]);
            let cells = [mean, deviation, list[0], median, list[list.len() - 1]].map(|value| format!("{value:.2e}"));
            println!("| {task} | {name} | {epoch} | {seeds} | {} |", cells.join(" | "));
        }
    }
}

fn main() {
    let asked = |word: &str| std::env::args().any(|argument| argument == word);
    if asked("table") {
        return table();
    }
    if asked("spread") {
        return spread();
    }
    for (name, qubits) in [("4 qubits", 4), ("8 qubits", 8)] {
        epochs(&format!("QLSTM, {name}"), &CellSettings::Qlstm(QuantumCell { qubits, ..QuantumCell::default() }));
    }
    epochs("QRNN, 4 qubits", &CellSettings::Qrnn(QuantumCell::default()));
    epochs("QGRU, 4 qubits", &CellSettings::Qgru(QuantumCell::default()));
    epochs("LSTM, hidden 5", &CellSettings::Lstm(ClassicalCell::default()));
}
