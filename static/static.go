// Package static holds the style sheets and the few scripts, as files: one per
// component. portal/page joins them in its declared order.
package static

import "embed"

// Files holds css/ and js/.
//
//go:embed css js
var Files embed.FS
