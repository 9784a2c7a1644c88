//! Devices as files and by name.

use proptest::prelude::*;
use qloom_circuits::Gate;
use qloom_hardware::{Device, HardwareError};

use super::draws::{calibrated, device};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_hold_everything(device in calibrated(4)) {
        let text = toml::to_string(&device).expect("a table");
        let again: Device = toml::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(again, device);
    }

    #[test]
    fn devices_without_data_are_perfect(device in device(4)) {
        let text = toml::to_string(&device).expect("a table");
        let again: Device = toml::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(!again.is_calibrated());
        prop_assert_eq!(again.gate_error(Gate::Cx, &[0, 1]), None);
        let model = again.noise(4).expect("no figures, no mistakes");
        prop_assert!(model.rules.is_empty() && model.readout.iter().flatten().all(|error| *error == 0.0));
    }

    /// An entry for a pair holds there, the general one elsewhere, and errors are between 0 and 1.
    #[test]
    fn errors_are_those_of_the_entry_that_holds(device in calibrated(4)) {
        for pair in device.couplings.clone().unwrap_or_default() {
            let error = device.gate_error(Gate::Cz, &pair).expect("calibrated");
            prop_assert!((0.0..=1.0).contains(&error));
            let placed = device.gate.iter().find(|row| row.qubits == pair);
            let time = device.gate_calibration(Gate::Cz, &pair).expect("calibrated").time_ns;
            let general = device.two_qubit.expect("calibrated").time_ns;
            prop_assert_eq!(time, placed.and_then(|row| row.time_ns).unwrap_or(general));
        }
    }

    /// Impossible figures are refused, wherever they stand.
    #[test]
    fn impossible_figures_are_refused(device in calibrated(4), qubit in 0usize..4, which in 0..5) {
        let mut broken = device.clone();
        let data = broken.qubit.as_mut().expect("calibrated");
        match which {
            0 => data.t1_ns[qubit] = -1.0,
            1 => data.t2_ns[qubit] = 2.5 * data.t1_ns[qubit],
            2 => data.readout[qubit] = [1.2, 0.0],
            3 => data.excited_population[qubit] = -0.1,
            _ => data.t1_ns.pop().map(|_| ()).expect("four entries"),
        }
        prop_assert!(broken.noise(4).is_err());
        prop_assert!(device.noise(4).is_ok());
        let larger = matches!(device.noise(5), Err(HardwareError::TooManyQubits { limit: 4, .. }));
        prop_assert!(larger);
    }

    /// One character changed: a device or a message, never a panic.
    #[test]
    fn damaged_files_are_read_or_refused(device in calibrated(3), at in any::<prop::sample::Index>(), letter in any::<char>()) {
        let mut letters: Vec<char> = toml::to_string(&device).expect("a table").chars().collect();
        let at = at.index(letters.len());
        letters[at] = letter;
        let text: String = letters.into_iter().collect();
        match toml::from_str::<Device>(&text) {
            Ok(read) => drop(read.noise(3).map_err(|error| error.to_string())),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn every_name_gives_a_sound_machine() {
    for (name, qubits, couplings) in [
        ("heron", Some(156), Some(176)),
        ("eagle", Some(127), Some(144)),
        ("falcon", Some(27), Some(28)),
        ("line-7", Some(7), Some(6)),
        ("ring-7", Some(7), Some(7)),
        ("grid-3x4", Some(12), Some(17)),
        ("all-to-all", None, None),
        ("trapped-ion", None, None),
        ("ionq", None, None),
    ] {
        let device = Device::from_name(name).expect(name);
        assert_eq!((device.num_qubits, device.couplings.as_ref().map(Vec::len)), (qubits, couplings), "{name}");
        let pairs = device.couplings.unwrap_or_default();
        let mut different = pairs.clone();
        different.iter_mut().for_each(|pair| pair.sort_unstable());
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), pairs.len(), "{name} names a pair twice");
        assert!(pairs.iter().all(|[a, b]| a != b && qubits.is_none_or(|n| *a < n && *b < n)), "{name}");
    }
    for name in ["", "herons", "line-0", "grid-2", "grid-0x3", "ring-2", "line-99999999", "grid-9999x9999"] {
        let message = Device::from_name(name).expect_err(name).to_string();
        assert!(message.contains("heron") && message.contains("line-N"), "{message}");
    }
}
