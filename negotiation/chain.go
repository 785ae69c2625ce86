package negotiation

import "bytes"

// Follows says whether the event is the link after the one with that hash; nil
// for the first.
func (e *Event) Follows(previous []byte) bool { return bytes.Equal(e.Hash, e.link(previous)) }

// Holds says whether the content, where there still is one, is what was
// recorded.
func (e *Event) Holds() bool { return e.Content == nil || bytes.Equal(e.Digest, e.digest(*e.Content)) }
