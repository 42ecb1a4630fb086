//! Rows that are vectors.

use wsconform_spec::scenario::{Role, VectorRow, cases};
use wsconform_spec::{Book, BookError};

const CHAPTER: &str = "\
# Frames

r[frame.rsv]
A receiver MUST fail the connection when a reserved bit is set.
*Binds:* client, server. *Source:* RFC 6455, 5.2.

r[masking.server.required]
A server MUST fail the connection when it receives a frame that is not masked.
*Binds:* server. *Source:* RFC 6455, 5.1.

```scenario
scenario frame.near-misses
roles    server client
for      v in vectors frames/near-miss/*
open
send     raw $v.input
expect   fail $v.code : $v.requirement
```
";

fn vector(id: &str, reader: Role, requirement: Option<&str>) -> VectorRow {
    let code = requirement.map(|_| 1002);
    let requirement = requirement.map(str::to_owned);
    VectorRow { id: id.to_owned(), reader, input: vec![0xC1, 0x80], code, requirement }
}

fn with(vectors: &[VectorRow]) -> Result<Book, BookError> {
    Book::from_texts([("30-frames.md", CHAPTER)])?.with_vectors(vectors)
}

fn told(vectors: &[VectorRow]) -> String {
    match with(vectors) {
        Err(BookError::Diagnostics(all)) => {
            all.iter().map(|one| one.render(false) + "\n").collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_vector_is_a_row_for_who_reads_it() {
    let book = Book::from_texts([("30-frames.md", CHAPTER)]).unwrap();
    assert!(cases(&book.scenarios()[0]).is_empty(), "vectors come later");
    let book = with(&[
        vector("frames/near-miss/from-server/rsv", Role::Client, Some("frame.rsv")),
        vector("frames/other", Role::Client, None),
        vector("frames/near-miss/from-client/rsv", Role::Server, Some("frame.rsv")),
        vector("frames/near-miss/from-client/mask", Role::Server, Some("masking.server.required")),
    ]);
    let book = book.unwrap();
    let ids = cases(&book.scenarios()[0]).into_iter();
    let ids: Vec<_> = ids.map(|case| format!("{} of a {}", case.id, case.role)).collect();
    assert_eq!(
        ids,
        [
            "frame.near-misses/from-client-mask of a server",
            "frame.near-misses/from-client-rsv of a server",
            "frame.near-misses/from-server-rsv of a client",
        ]
    );
}

#[test]
fn what_matches_nothing_is_a_mistake() {
    let only = [vector("frames/near-mist/rsv", Role::Server, Some("frame.rsv"))];
    insta::assert_snapshot!(told(&only));
}

#[test]
fn what_a_vector_lacks_is_a_mistake() {
    insta::assert_snapshot!(told(&[
        vector("frames/near-miss/a", Role::Client, Some("masking.server.required")),
        vector("frames/near-miss/b", Role::Server, Some("frame.nothing")),
        vector("frames/near-miss/c", Role::Server, None),
    ]));
}
