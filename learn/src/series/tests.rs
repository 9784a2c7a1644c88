use super::*;

/// A column of a reference file, computed by other programs.
fn column(file: &str, name: &str) -> Vec<f64> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/series").join(file);
    let text = std::fs::read_to_string(path).expect("the file of the repository");
    let mut lines = text.lines();
    let place = lines.next().expect("a header").split(',').position(|word| word == name).expect("the column");
    lines.map(|line| line.split(',').nth(place).expect("as many cells").parse().expect("a number")).collect()
}

fn close(values: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(values.len(), expected.len());
    for (place, (value, expected)) in values.iter().zip(expected).enumerate() {
        assert!((value - expected).abs() < tolerance, "value {place}: {value}, not {expected}");
    }
}

#[test]
fn generators_equal_the_reference_files() {
    let pendulum = damped_pendulum(&Pendulum::default());
    close(&pendulum, &column("damped_shm.csv", "theta_dot"), 1e-9);
    close(&scaled(&pendulum).expect("it swings"), &column("damped_shm.csv", "theta_dot_scaled"), 1e-9);
    for points in [256, 1000] {
        let file = format!("bessel_j2_{points}.csv");
        close(&bessel(points), &column(&file, "j2"), 1e-12);
        close(&scaled(&bessel(points)).expect("it swings"), &column(&file, "j2_scaled"), 1e-12);
    }
    close(&delayed_control(0.1, 220), &column("delayed_quantum_control_220.csv", "y"), 1e-12);
    for period in [100, 300] {
        let file = format!("narma_T{period}.csv");
        let drive = narma_drive(f64::from(period), 300);
        close(&drive, &column(&file, "u"), 1e-14);
        for order in [2, 5, 10] {
            close(&narma(order, &drive, 0.196).expect("it stays"), &column(&file, &format!("narma{order}")), 1e-12);
        }
    }
    let file = "narma10_uniform_seed42.csv";
    close(&narma(10, &column(file, "u"), 0.0).expect("it stays"), &column(file, "y"), 1e-12);
}

#[test]
fn chaotic_series_have_their_known_ranges_and_rates() {
    let glass = mackey_glass(17.0, 3000);
    let (low, high) = glass.iter().fold((9.0f64, 0.0f64), |(low, high), &x| (low.min(x), high.max(x)));
    assert!((0.2..0.5).contains(&low) && (1.25..1.4).contains(&high), "{low} {high}");
    // without delay x settles where 0.2 / (1 + x^10) is 0.1
    assert!(mackey_glass(0.0, 10).iter().all(|x| (x - 1.0).abs() < 1e-6));
    let orbit = lorenz(0.02, 5000);
    let highest = orbit.iter().map(|state| state[2]).fold(0.0, f64::max);
    assert!((45.0..49.0).contains(&highest), "{highest}");
    // the volume shrinks at the rate sigma + 1 + beta, whatever the state: two near orbits part while the attractor stays bounded
    assert!(orbit.iter().all(|state| state.iter().all(|x| x.abs() < 60.0)));
}

#[test]
fn narma_that_grows_without_bound_is_refused() {
    assert!(narma(10, &[2.0; 500], 0.0).is_err() && narma(1, &[0.1; 5], 0.0).is_err());
    let mut stream = Stream::named(1, "drive");
    assert_eq!(narma(20, &uniform_drive(50, &mut stream), 0.0).map(|y| y.len()).ok(), Some(50));
}
