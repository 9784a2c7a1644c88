//! Angles of the compiled powers of a generator, found once by least squares with restarts; a test multiplies them out again.
//!
//! Powers 6 to 9 are the inverses of 4 to 1. Angles between +-pi/2 of `exp(-i zz ZZ/2)` are the smallest there are.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_6};

/// Which neighbour of the middle qubit a gate acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outer {
    Left,
    Right,
}

/// `Rz`, then `Ry` on the middle qubit, then `exp(-i zz ZZ/2)` on it and a neighbour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entangling {
    pub outer: Outer,
    pub rz: f64,
    pub ry: f64,
    pub zz: f64,
}

/// One power of a generator as gates on three neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template {
    pub power: i32,
    pub entangling: &'static [Entangling],
    /// `Rz Ry Rz` on the middle qubit at the end, in this order.
    pub last: [f64; 3],
    /// `Rz` on the left and on the right qubit.
    pub outer: [f64; 2],
}

/// With three gates of any angle.
pub(super) const FREE: [Template; 5] = [
    Template {
        power: 1,
        entangling: &[
            Entangling {
                outer: Outer::Right,
                rz: 2.922_561_348_276_012_4,
                ry: -1.616_913_584_471_566,
                zz: -1.120_713_443_881_432_8,
            },
            Entangling { outer: Outer::Left, rz: -2.020_879_209_708_36, ry: 1.524_679_069_118_227, zz: FRAC_PI_2 },
            Entangling {
                outer: Outer::Right,
                rz: 1.522_985_682_776_812_2,
                ry: -1.593_773_686_940_558_8,
                zz: -1.119_061_618_507_606_8,
            },
        ],
        last: [1.119_061_618_507_606_3, -1.547_818_966_649_234_6, -0.361_476_581_386_093_4],
        outer: [0.314_159_265_358_979_37, 1.932_766_236_171_960_4],
    },
    Template {
        power: 2,
        entangling: &[
            Entangling {
                outer: Outer::Right,
                rz: 2.798_284_607_387_899_3,
                ry: 1.547_888_225_535_563,
                zz: -0.904_890_804_154_989_3,
            },
            Entangling { outer: Outer::Left, rz: 0.904_890_804_154_989_3, ry: 1.593_704_428_054_23, zz: 1.256_637_061_435_917_2 },
            Entangling {
                outer: Outer::Right,
                rz: 1.902_623_772_949_345_8,
                ry: -1.561_771_280_557_393_1,
                zz: -0.904_608_701_696_183_9,
            },
        ],
        last: [0.904_608_701_696_184_3, -1.579_821_373_032_4, 2.838_913_988_278_259_5],
        outer: [2.513_274_122_871_835, -2.530_942_303_667_304],
    },
    Template {
        power: 3,
        entangling: &[
            Entangling {
                outer: Outer::Right,
                rz: 1.237_079_482_499_683_4,
                ry: 1.552_865_065_269_115_2,
                zz: 1.266_318_037_311_409_4,
            },
            Entangling { outer: Outer::Left, rz: -1.266_318_037_311_41, ry: 1.588_727_588_320_678, zz: -0.551_765_290_732_886_3 },
            Entangling {
                outer: Outer::Right,
                rz: -2.746_418_771_815_531,
                ry: 1.539_504_454_293_231,
                zz: -1.267_366_568_231_778_3,
            },
        ],
        last: [-1.874_226_085_358_015, -1.602_088_199_296_562, -1.861_913_084_229_161_8],
        outer: [-0.076_553_239_985_071_91, -0.471_727_121_759_334_34],
    },
    Template {
        power: 4,
        entangling: &[
            Entangling {
                outer: Outer::Right,
                rz: 2.490_540_001_057_72,
                ry: 1.526_463_101_842_785_7,
                zz: 1.222_788_942_673_588_7,
            },
            Entangling { outer: Outer::Left, rz: -1.222_788_942_673_589, ry: 1.615_129_551_747_007_2, zz: 1.086_776_357_376_908 },
            Entangling {
                outer: Outer::Right,
                rz: 1.831_971_115_999_489_4,
                ry: -1.607_767_549_249_572_9,
                zz: 1.221_964_558_508_93,
            },
        ],
        last: [1.919_628_095_080_863, 1.533_825_104_340_220_2, -0.671_336_351_290_386_2],
        outer: [0.169_860_704_059_010_1, 1.479_482_241_649_314],
    },
    Template {
        power: 5,
        entangling: &[
            Entangling {
                outer: Outer::Right,
                rz: 1.515_813_388_300_412,
                ry: -1.640_586_939_445_148_4,
                zz: 0.668_159_341_232_346_2,
            },
            Entangling { outer: Outer::Left, rz: -0.668_159_341_232_346_1, ry: 1.640_586_939_445_148_2, zz: FRAC_PI_2 },
            Entangling {
                outer: Outer::Right,
                rz: -1.657_491_975_110_699_6,
                ry: -1.530_485_746_247_921_8,
                zz: -0.666_878_751_489_989_2,
            },
        ],
        last: [0.666_878_751_489_989_1, 1.530_485_746_247_922, -1.602_509_036_616_209_1],
        outer: [-FRAC_PI_2, 3.054_897_005_273_992_3],
    },
];

/// With gates of angle pi/2 only: three for the powers 1 and 5, four for the others.
pub(super) const FIXED: [Template; 5] = [
    Template {
        power: 1,
        entangling: &[
            Entangling { outer: Outer::Right, rz: 1.256_637_061_435_917_2, ry: -1.118_517_879_643_706, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: -FRAC_PI_2, ry: 1.118_517_879_643_705_6, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Right, rz: FRAC_PI_2, ry: 1.118_517_879_643_706, zz: FRAC_PI_2 },
        ],
        last: [FRAC_PI_2, 1.118_517_879_643_705_9, 1.256_637_061_435_917_2],
        outer: [-2.827_433_388_230_814, -1.256_637_061_435_917_7],
    },
    Template {
        power: 2,
        entangling: &[
            Entangling { outer: Outer::Right, rz: 2.777_280_320_726_579_7, ry: FRAC_PI_2, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: -2.256_829_083_469_004_3, ry: 1.118_166_877_871_654_5, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Right, rz: 0.043_838_530_724_597_86, ry: -0.844_553_061_793_119_1, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: FRAC_PI_2, ry: 2.297_039_591_796_674, zz: FRAC_PI_2 },
        ],
        last: [2.105_255_731_143_786_5, 0.801_197_345_012_652_4, 0.551_765_290_732_887_8],
        outer: [-2.513_274_122_871_834, -0.678_471_598_222_192_2],
    },
    Template {
        power: 3,
        entangling: &[
            Entangling { outer: Outer::Right, rz: -2.665_738_090_725_982_4, ry: 1.514_711_868_560_871_6, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: -0.349_805_260_288_415_4, ry: 2.617_993_877_991_489, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Right, rz: FRAC_PI_2, ry: 2.617_993_877_991_495, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: -FRAC_PI_2, ry: FRAC_PI_6, zz: FRAC_PI_2 },
        ],
        last: [-2.862_981_215_078_516, 1.349_357_943_184_029_2, -1.858_471_989_697_752_8],
        outer: [-0.628_318_530_717_959_1, 2.513_274_122_871_829],
    },
    Template {
        power: 4,
        entangling: &[
            Entangling { outer: Outer::Right, rz: -2.379_211_585_841_276, ry: -FRAC_PI_2, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: -0.554_334_473_826_181_7, ry: -1.351_255_027_507_551_2, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Right, rz: 1.292_809_554_091_429_7, ry: -0.981_359_501_120_887_5, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: -FRAC_PI_2, ry: -2.160_233_152_468_906, zz: FRAC_PI_2 },
        ],
        last: [-0.412_004_147_310_264, 1.031_254_278_766_314_1, 2.589_827_362_856_906],
        outer: [1.256_637_061_435_917_7, -1.436_733_789_764_338_4],
    },
    Template {
        power: 5,
        entangling: &[
            Entangling { outer: Outer::Right, rz: 0.0, ry: 0.666_239_432_492_515_4, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Left, rz: -FRAC_PI_2, ry: 2.475_353_221_097_278, zz: FRAC_PI_2 },
            Entangling { outer: Outer::Right, rz: FRAC_PI_2, ry: 2.475_353_221_097_278, zz: FRAC_PI_2 },
        ],
        last: [FRAC_PI_2, -0.666_239_432_492_515_4, 0.0],
        outer: [FRAC_PI_2, 0.0],
    },
];
