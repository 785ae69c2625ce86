package portal

import (
	"amiable/negotiation"
)

// holds are what was suspended, from when until when. What was said of a
// person's situation is read where the case is open, by who needs it: it does
// not go from hand to hand.
func (f *caseFile) holds() error {
	var list []object
	for i := range f.file.Holds {
		h := &f.file.Holds[i]
		if sensitive[h.Reason] && (f.who == forCreditor || (f.who == forDebtor && !f.main())) {
			continue
		}
		list = append(list, object{"id": h.ID, "reason": h.Reason, "claim": h.ClaimID, "amount": h.Amount, "from": h.FromOn, "until": h.UntilOn,
			"at": h.CreatedAt.UTC(), "lifted_at": utc(h.LiftedAt)})
	}
	if len(list) == 0 {
		return nil
	}
	if f.who != forAgent {
		return f.data("holds", "suspensions", "", list)
	}
	situations, err := f.negotiation.Situations(f.ctx, f.by, f.file)
	if err != nil {
		return err
	}
	return f.data("holds", "suspensions", "", object{"holds": list, "situations": rows(situations, func(s *negotiation.Situation) object {
		return object{"id": s.ID, "hold": s.HoldID, "reason": s.Reason, "state": s.State, "file_number": s.FileNumber, "at": s.CreatedAt.UTC(), "told_by": s.ByRole,
			"confirmed_at": utc(s.ConfirmedAt), "ended_at": utc(s.EndedAt), "end_reason": s.EndReason,
			"papers": rows(s.Files, func(paper *negotiation.SituationFile) object { return object{"sha256": paper.Hash} })}
	})})
}

// accesses is who read what was not for everybody, who took the file before, and
// which ways in were sent. Of the readings, "own" says that they are only those
// of who took the file.
func (f *caseFile) accesses() error {
	if f.who != forAgent {
		return nil
	}
	readings, err := f.negotiation.Readings(f.ctx, f.by, f.file)
	if err != nil {
		return err
	}
	links, err := f.access.LinksOfCase(f.ctx, f.by, f.file.ID)
	if err != nil {
		return err
	}
	of := "own"
	if f.by.SeesReadings() {
		of = "all"
	}
	said := object{
		"readings_of": of,
		"readings": rows(readings, func(r *negotiation.Reading) object {
			return object{"subject": r.Subject, "subject_id": r.SubjectID, "need": r.Need, "role": r.ByRole, "by": r.ByName, "at": r.At.UTC()}
		}),
	}
	var ways []object
	for i := range links {
		ways = append(ways, object{"party": links[i].PartyID, "at": links[i].CreatedAt.UTC(), "until": links[i].ExpiresAt.UTC(), "tries": links[i].Tries, "revoked_at": utc(links[i].RevokedAt)})
	}
	said["links"] = ways
	return f.data("access", "acces", "", said)
}
