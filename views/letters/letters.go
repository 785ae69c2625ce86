// Package letters holds the texts of the mails, a folder per version and
// language and a file per kind of letter. A version that was once sent is not
// changed any more: a new wording is a new folder, beside it.
//
// A file defines subject, preview and body, and title where it is not the
// subject. In the body a blank line ends a
// paragraph, "## " begins a heading, "| label | value" is a fact,
// "=> label | address" a button, and "# code" the code that is to be typed.
// common.txt is read with every kind of its language, frame.html with all.
package letters

import "embed"

// Files holds every text.
//
//go:embed 2026-11
var Files embed.FS
