// Package views holds the templates of every page, as files: partials/, then a
// folder per reader, and in gallery/ parts shown by themselves. The data of each is a struct of portal/page; a template is
// named by its path, "debtor/case" for debtor/case.html.
package views

import "embed"

// Files holds every template.
//
//go:embed partials debtor payer creditor agent staff site gallery
var Files embed.FS
