package main

import "amiable/negotiation"

// exportMessage gives one message of the thread of a case, with who may read it
// and who has. Nobody but the agency exports a case: what it keeps to itself, or
// writes to one side, is in it, and marked.
func exportMessage(m *negotiation.Message) object {
	return object{
		"id": m.ID, "side": m.Side, "audience": m.Audience, "words": m.Words, "language": m.Language, "party": m.PartyID,
		"role": m.ByRole, "by": m.ByID, "name": m.ByName, "on_behalf_of": m.OnBehalfOf, "at": m.At, "handled_at": m.HandledAt, "handled_by": m.HandledBy,
		"files": rows(m.Files, func(f *negotiation.MessageFile) object {
			return object{"name": f.Name, "hash": f.Hash, "media_type": f.MediaType, "bytes": f.Bytes}
		}),
		"read": rows(m.Read, func(r *negotiation.MessageRead) object { return object{"side": r.Side, "by": r.ReaderID, "at": r.At} }),
	}
}
