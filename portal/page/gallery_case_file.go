package page

import "time"

func (w world) caseFiles() []Specimen {
	of := func(console string) *CaseFile {
		at := "/" + console + "/cases/1"
		return &CaseFile{
			StaffBase: w.staffBase(console, "cases", at+"/file"), Row: w.rows()[0], Action: at + "/file", BackURL: at, CheckURL: "/check-a-file",
			Key: "9f2c41d07be3a658", Head: "4f1c0a9be77d2c55", Events: 27,
		}
	}
	read, bare, refused := of("agent"), of("creditor"), of("agent")
	read.Readings = []ReadingRow{
		{At: noon.Add(2 * time.Hour), Who: "Nadia Ferrand", Role: "agent", What: "file", Need: "file"},
		{At: noon, Who: "Ada Boréal", Role: "creditor", What: "file", Need: "file"},
	}
	read.Leads = true
	refused.Key, refused.Problem = "", w.lang.T("refusal.seal_key_missing")
	keys := &CheckFile{Base: w.base("/check-a-file"), KeysURL: "/.well-known/amiable-keys.json", Keys: []SealKey{
		{ID: "9f2c41d07be3a658", Signs: true, Key: "1cVtNHNw2lF0cDgN5b2wDyU2p1k8mJ7vQ0Z5d3hX6uY="},
		{ID: "13d0aa41bc7e5f92", Key: "q8nJ2s0c4W6x0rVYt9yq4Lb1m3pD7eFz5KXh2TgA1oQ="},
	}}
	return []Specimen{
		{In: "agent", Page: read}, {In: "creditor", Page: bare}, {In: "no key", Page: refused},
		{In: "one's own", Page: &Copy{Base: w.inCase("/case/copy"), Creditor: atelier, Signs: true, CheckURL: "/check-a-file"}},
		{In: "one's own, enough today", Page: &Copy{Base: w.inCase("/case/copy"), Creditor: atelier, Signs: true, CheckURL: "/check-a-file", Problem: w.lang.T("refusal.copies_taken", "n", 5)}},
		{In: "one's own, no key", Page: &Copy{Base: w.inCase("/case/copy"), Creditor: atelier, CheckURL: "/check-a-file"}},
		{In: "keys", Page: keys}, {In: "none", Page: &CheckFile{Base: w.base("/check-a-file"), KeysURL: "/.well-known/amiable-keys.json"}},
	}
}
