//! A set of triples that is emptied at once.

/// Which triples of numbers were seen since the last [`Seen::clear`], each with a value.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    places: Vec<Place>,
    generation: u32,
    count: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    generation: u32,
    key: (u32, u32, u32),
    value: u32,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self { places: vec![Place::default(); 64], generation: 1, count: 0 }
    }

    /// How many octets of memory it takes.
    pub(super) fn memory(&self) -> usize {
        size_of_val(self.places.as_slice())
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            self.places.fill(Place::default());
            self.generation = 1;
        }
    }

    /// The value under `key`; `value` is put there if there is none.
    #[inline(always)]
    pub(super) fn get_or_insert(&mut self, key: (u32, u32, u32), value: u32) -> (u32, bool) {
        if self.count * 2 >= self.places.len() {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let mut at = hash(key) & mask;
        loop {
            let place = &mut self.places[at];
            if place.generation != self.generation {
                *place = Place { generation: self.generation, key, value };
                self.count += 1;
                return (value, true);
            }
            if place.key == key {
                return (place.value, false);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let larger = vec![Place::default(); self.places.len() * 2];
        let places = std::mem::replace(&mut self.places, larger);
        let generation = std::mem::replace(&mut self.generation, 1);
        self.count = 0;
        for place in places {
            if place.generation == generation {
                self.get_or_insert(place.key, place.value);
            }
        }
    }
}

fn hash((a, b, c): (u32, u32, u32)) -> usize {
    let mixed = u64::from(a).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ u64::from(b).wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
        ^ u64::from(c).wrapping_mul(0x1656_67B1_9E37_79F9);
    (mixed >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings of one state that differ in one number alone must not crowd together.
    #[test]
    fn spreads_what_differs_in_one_number() {
        for key in [|n| (n, 3, 7), |n| (3, n, 7), |n| (3, 7, n)] {
            let places: std::collections::BTreeSet<usize> =
                (0..4096).map(|n| hash(key(n)) & 8191).collect();
            assert!(places.len() > 2500, "{}", places.len());
        }
    }

    #[test]
    fn keeps_values_until_it_is_cleared() {
        let mut seen = Seen::new();
        for round in 0..3 {
            for key in 0..1000 {
                assert_eq!(seen.get_or_insert((key, round, 7), key), (key, true));
            }
            for key in 0..1000 {
                assert_eq!(seen.get_or_insert((key, round, 7), 0), (key, false));
            }
            seen.clear();
        }
        seen.generation = u32::MAX;
        seen.get_or_insert((1, 1, 1), 1);
        seen.clear();
        assert_eq!(seen.get_or_insert((1, 1, 1), 2), (2, true));
    }
}
