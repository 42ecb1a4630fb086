//! The chapters that are part of the crate.

/// File names and texts, in order; a test holds the list against the folder.
pub(crate) const CHAPTERS: &[(&str, &str)] = &[
    ("00-conventions.md", include_str!("../book/00-conventions.md")),
    ("10-contract.md", include_str!("../book/10-contract.md")),
    ("20-opening.md", include_str!("../book/20-opening.md")),
    ("21-opening-server.md", include_str!("../book/21-opening-server.md")),
    ("22-opening-http.md", include_str!("../book/22-opening-http.md")),
    ("23-opening-client.md", include_str!("../book/23-opening-client.md")),
    ("30-framing.md", include_str!("../book/30-framing.md")),
    ("31-closing.md", include_str!("../book/31-closing.md")),
    ("32-loads.md", include_str!("../book/32-loads.md")),
    ("35-negotiation.md", include_str!("../book/35-negotiation.md")),
    ("40-control.md", include_str!("../book/40-control.md")),
    ("45-rate-control.md", include_str!("../book/45-rate-control.md")),
    ("46-idle-timeout.md", include_str!("../book/46-idle-timeout.md")),
    ("47-heartbeat.md", include_str!("../book/47-heartbeat.md")),
    ("48-control-setup.md", include_str!("../book/48-control-setup.md")),
    ("50-gateway.md", include_str!("../book/50-gateway.md")),
    ("55-around.md", include_str!("../book/55-around.md")),
    ("60-claims.md", include_str!("../book/60-claims.md")),
    ("65-model.md", include_str!("../book/65-model.md")),
    ("70-rfc6455.md", include_str!("../book/70-rfc6455.md")),
    ("75-autobahn.md", include_str!("../book/75-autobahn.md")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/book");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<_> = CHAPTERS.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, files);
    }
}
