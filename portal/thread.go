package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// threadShort is how many messages a page shows unless it is asked for all.
const threadShort = 20

// messageFilesMax is how many files may come with a message.
const messageFilesMax = 8

// sidesOfCase are in the order in which they are named.
var sidesOfCase = []negotiation.Side{negotiation.SideDebtor, negotiation.SideCreditor, negotiation.SideAgency}

// readThread returns the messages that the reader may read, as they stand on the
// page at an address, and how many older ones are left out. What is shown counts
// as read from then on, once the page is asked for by a person and not ahead of
// them by their browser.
func (s *Server) readThread(c echo.Context, file *negotiation.Case, at string) (shown []page.ThreadMessage, earlier int, waits []negotiation.Message, err error) {
	by := who(c).Actor
	thread, err := s.negotiation.Thread(c.Request().Context(), by, file)
	if err != nil {
		return nil, 0, nil, err
	}
	for _, side := range []negotiation.Side{negotiation.SideDebtor, negotiation.SideCreditor} {
		i := slices.IndexFunc(thread, func(m negotiation.Message) bool { return m.Side == side && m.Waits() })
		if i >= 0 && by.IsStaff() {
			waits = append(waits, thread[i])
		}
	}
	if c.QueryParam("all") == "" && len(thread) > threadShort {
		earlier = len(thread) - threadShort
		thread = thread[earlier:]
	}
	today := negotiation.DayOf(s.now(c))
	for i := range thread {
		shown = append(shown, threadMessage(s.language(c), by, file, today, &thread[i], at))
	}
	if c.Request().Method == http.MethodGet && !aheadOf(c.Request()) {
		err = s.negotiation.MarkRead(c.Request().Context(), by, thread)
	}
	return shown, earlier, waits, err
}

// aheadOf says whether a browser fetches a page that nobody looks at yet.
func aheadOf(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose")+r.Header.Get("X-Moz"), "prefetch")
}

// threadMessage tells one message to a reader on a day.
func threadMessage(l locale.Language, by negotiation.Actor, file *negotiation.Case, on negotiation.Day, m *negotiation.Message, at string) page.ThreadMessage {
	side := by.Side()
	row := page.ThreadMessage{
		At: m.At, Who: writer(l, by, file, m), Yours: m.Side == side, New: m.NewTo(by), Waits: side == negotiation.SideAgency && m.Waits(),
		Visible: visibleTo(l, by, file, on, m), Words: m.Words, Lang: m.Language,
	}
	switch {
	case m.ByRole == negotiation.RoleAdviser && m.PartyID != nil:
		if p := file.Party(*m.PartyID); p != nil {
			row.For = p.Person.Name
		}
	case m.OnBehalfOf != "":
		row.By = m.ByName
	}
	for _, f := range m.Files {
		row.Files = append(row.Files, page.DisputeFile{Name: f.Name, URL: at + "/files/" + f.Hash, Format: formatOf(f.MediaType), Bytes: f.Bytes})
	}
	if !row.Yours {
		return row
	}
	for _, other := range sidesOfCase {
		if other == side || !m.Reaches(other) {
			continue
		}
		row.Unread = true
		for _, r := range m.Read {
			if r.Side != other {
				continue
			}
			row.Read = append(row.Read, page.ThreadRead{Who: readerName(file, r), At: r.At})
			if other != negotiation.SideDebtor { // of an office, the first is enough
				break
			}
		}
	}
	row.Unread = row.Unread && len(row.Read) == 0
	return row
}

// writer is who wrote a message, as a reader knows them.
func writer(l locale.Language, by negotiation.Actor, file *negotiation.Case, m *negotiation.Message) string {
	name := nameOf(file, m.Side)
	if m.ByID == by.ID && m.OnBehalfOf == "" || m.ByID == by.ID && by.Role == negotiation.RoleAdviser {
		return l.T("thread.you")
	}
	switch {
	case m.ByRole == negotiation.RoleAdviser:
		return m.ByName
	case m.Side == negotiation.SideDebtor:
		if m.PartyID == nil {
			return name
		}
		if *m.PartyID == by.ID {
			return l.T("thread.you")
		}
		if p := file.Party(*m.PartyID); p != nil {
			return p.Person.Name
		}
		return name
	case m.ByName == "" || m.OnBehalfOf != "" || (m.Side == negotiation.SideCreditor && by.Side() == negotiation.SideDebtor):
		return name
	}
	return l.T("thread.from", "name", m.ByName, "of", name)
}

// readerName is who had a message on their screen: an adviser is not the debtor.
func readerName(file *negotiation.Case, r negotiation.MessageRead) string {
	if p := file.Party(r.ReaderID); r.Side == negotiation.SideDebtor && p != nil && p.Role == negotiation.PartyAdviser {
		return p.Person.Name
	}
	return nameOf(file, r.Side)
}

// visibleTo names everybody who may read a message on a day, the reader first:
// with a debtor reads whoever stands by them.
func visibleTo(l locale.Language, by negotiation.Actor, file *negotiation.Case, on negotiation.Day, m *negotiation.Message) []string {
	side := by.Side()
	names := []string{l.T("thread.reader." + string(side))}
	for _, other := range sidesOfCase {
		switch {
		case !m.Reaches(other):
		case other == negotiation.SideDebtor:
			if side != other || by.Role == negotiation.RoleAdviser {
				names = append(names, file.Debtor.Name)
			}
			for _, p := range file.Advisers(on) {
				if p.ID != by.ID {
					names = append(names, p.Person.Name)
				}
			}
		case other == side:
		case other == negotiation.SideAgency:
			names = append(names, l.T("thread.reader.agency"))
		default:
			names = append(names, nameOf(file, other))
		}
	}
	return names
}

// audienceChoices are to whom a side can write in a case.
func audienceChoices(l locale.Language, side negotiation.Side, file *negotiation.Case) []page.Choice {
	var list []page.Choice
	for _, a := range negotiation.AudiencesOf(side) {
		list = append(list, page.Choice{
			Value: string(a), Label: l.T("thread.to."+string(side)+"."+string(a), "creditor", file.Creditor.Name, "debtor", file.Debtor.Name),
		})
	}
	return list
}

// messageFiles are the files of a form, for a message.
func (s *Server) messageFiles(c echo.Context, form *page.Form) ([]negotiation.MessageFile, error) {
	kept, err := s.intake(c, form, "files", messageFilesMax)
	var files []negotiation.MessageFile
	for _, f := range kept {
		files = append(files, negotiation.MessageFile{Hash: f.Hash, Name: f.Name, MediaType: f.MediaType, Bytes: f.Bytes})
	}
	return files, err
}

// sendMessageFile sends a file that came with a message which the reader may
// read.
func (s *Server) sendMessageFile(c echo.Context, file *negotiation.Case) error {
	thread, err := s.negotiation.Thread(c.Request().Context(), who(c).Actor, file)
	if err != nil {
		return err
	}
	for i := range thread {
		for _, f := range thread[i].Files {
			if f.Hash == c.Param("file") {
				return s.sendEvidence(c, f.Hash, f.Name)
			}
		}
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

// saidElsewhere are the proposals that came with a word, and the disputes: what
// was said on them is read there.
func (s *Server) saidElsewhere(c echo.Context, file *negotiation.Case, offerAt, disputeAt func(id string) string) ([]page.ThreadLink, error) {
	var links []page.ThreadLink
	offers := file.Offers()
	for i := range offers {
		if o := &offers[i]; o.Message != "" {
			links = append(links, page.ThreadLink{URL: offerAt(o.ID), Kind: "offer", On: negotiation.DayOf(o.CreatedAt)})
		}
	}
	disputes, err := s.negotiation.Disputes(c.Request().Context(), who(c).Actor, file)
	for i := range disputes {
		d := &disputes[i]
		links = append(links, page.ThreadLink{URL: disputeAt(d.ID), Kind: "dispute", Number: d.Claim.InvoiceNumber, On: negotiation.DayOf(d.CreatedAt)})
	}
	return links, err
}
