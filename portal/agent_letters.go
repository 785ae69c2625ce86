package portal

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/portal/outreach"
	"amiable/portal/page"
)

const (
	batchesShown    = 20
	placementsShown = 100
	// preparingMax bounds how long one request makes letters; the rest is made
	// when the page asks to go on.
	preparingMax = 20 * time.Second
	preparedOnce = 50
)

func (s *Server) letterRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/agent/letters", Agents, s.showLetters},
		{post, "/agent/letters/review", Agents, s.reviewLetters},
		{post, "/agent/letters/by-mail", Administrator, s.changeLettersByMail},
		{post, "/agent/letters/batches", Agents, s.createLetterBatch},
		{get, "/agent/letters/batches/:batch", Agents, s.showLetterBatch},
		{post, "/agent/letters/batches/:batch/preparation", Agents, s.continueLetterBatch},
		{get, "/agent/letters/batches/:batch/print.pdf", Agents, s.printLetterBatch},
		{post, "/agent/letters/batches/:batch/posting", Agents, s.createPosting},
		{get, "/agent/first-letters/:letter", Agents, s.showMadeLetter},
		{get, "/agent/first-letters/:letter/cancellation", Agents, s.showCancelLetter},
		{post, "/agent/first-letters/:letter/cancellation", Agents, s.cancelLetter},
	}
}

func (s *Server) showLetters(c echo.Context) error {
	return s.answerLetters(c, http.StatusOK, c.QueryParam("placement"), page.Form{})
}

func (s *Server) answerLetters(c echo.Context, status int, placementID string, form page.Form) error {
	ctx, by := c.Request().Context(), who(c).Actor
	p := &page.Letters{StaffBase: s.staffBase(c, "letters"), Most: negotiation.LettersPerBatch, Form: form}
	waiting, err := s.negotiation.UnwrittenPlacements(ctx, by, placementsShown)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		row := page.LetterPlacement{
			ID: w.PlacementID, URL: "/agent/letters?placement=" + w.PlacementID, File: w.FileName, Creditor: w.CreditorName, At: w.PlacedAt, Cases: int(w.Cases),
		}
		if row.ID == placementID {
			p.Open = &row
		}
		p.Placements = append(p.Placements, row)
	}
	if p.Open != nil {
		cases, err := s.negotiation.Unwritten(ctx, by, placementID, negotiation.LettersPerBatch)
		if err != nil {
			return err
		}
		for i := range cases {
			f := &cases[i]
			p.Cases = append(p.Cases, page.LetterCase{
				ID: f.ID, URL: "/agent/cases/" + f.ID, Debtor: f.DebtorName, Creditor: f.CreditorName, Reference: negotiation.GroupedReference(f.Reference),
				Sum: f.Balance(), Due: f.OldestDue,
			})
		}
	}
	batches, err := s.negotiation.LetterBatches(ctx, by, batchesShown)
	if err != nil {
		return err
	}
	for _, b := range batches {
		p.Batches = append(p.Batches, page.LetterBatchRow{
			URL: "/agent/letters/batches/" + b.ID, DatedOn: b.DatedOn, By: b.ByName, At: b.CreatedAt, Cases: int(b.Cases), Waiting: int(b.Waiting), Unposted: int(b.Unposted),
		})
	}
	agency, err := s.negotiation.Agency(ctx)
	if err != nil {
		return err
	}
	p.ByMail = agency.FirstLetterByEmail
	if by.Role == negotiation.RoleAdministrator {
		p.ByMailURL = "/agent/letters/by-mail"
	}
	return s.showConsole(c, status, p)
}

func (s *Server) changeLettersByMail(c echo.Context) error {
	if err := s.negotiation.AllowFirstLetterByEmail(c.Request().Context(), who(c).Actor, c.FormValue("allowed") == "yes"); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/letters?done=saved")
}

// chosenCases are the cases that a form names: those ticked, or all of a
// placement that wait.
func (s *Server) chosenCases(c echo.Context) (ids []string, left int, err error) {
	if c.FormValue("all") != "yes" {
		return c.Request().Form["case"], 0, nil
	}
	cases, err := s.negotiation.Unwritten(c.Request().Context(), who(c).Actor, c.FormValue("placement"), 2*negotiation.LettersPerBatch)
	for i := range cases {
		ids = append(ids, cases[i].ID)
	}
	most := min(len(ids), negotiation.LettersPerBatch)
	return ids[:most], len(ids) - most, err
}

// reviewLetters shows what would be made, and changes nothing.
func (s *Server) reviewLetters(c echo.Context) error {
	ids, left, err := s.chosenCases(c)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		form := page.Form{}
		form.Add("case", "choose")
		return s.answerLetters(c, http.StatusUnprocessableEntity, c.FormValue("placement"), form)
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	form := page.Form{Values: map[string]string{"dated_on": string(today)}}
	return s.answerLettersReview(c, http.StatusOK, ids, left, uuid.Must(uuid.NewV7()).String(), form)
}

func (s *Server) answerLettersReview(c echo.Context, status int, ids []string, left int, batch string, form page.Form) error {
	ctx := c.Request().Context()
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	p := &page.LettersReview{
		StaffBase: s.staffBase(c, "letters"), Batch: batch, Total: money.Euros(0), Left: left, Action: "/agent/letters/batches", BackURL: "/agent/letters", Form: form,
	}
	for _, id := range ids[:min(len(ids), negotiation.LettersPerBatch)] {
		file, err := s.negotiation.Case(ctx, who(c).Actor, id)
		if r := negotiation.AsRefusal(err); r != nil {
			continue // a mangled id
		} else if err != nil {
			return err
		}
		row := letterCase(file)
		draft, err := file.DraftFirstLetter(today, today, s.BaseURL)
		if err == nil {
			err = outreach.CheckDraft(draft)
		}
		if r := negotiation.AsRefusal(err); r != nil {
			s.explain(c, &row, r)
			p.Blocked = append(p.Blocked, row)
			continue
		} else if err != nil {
			return err
		}
		row.Sum, row.Channel = draft.Statement.Total, "post"
		p.ByPost++
		if draft.Channel == negotiation.ContactEmail {
			row.Channel = "mail"
			p.ByPost, p.ByMail = p.ByPost-1, p.ByMail+1
		}
		p.Total = p.Total.Add(row.Sum)
		p.Ready = append(p.Ready, row)
	}
	return s.showConsole(c, status, p)
}

func letterCase(file *negotiation.Case) page.LetterCase {
	return page.LetterCase{
		ID: file.ID, URL: "/agent/cases/" + file.ID, Debtor: file.Debtor.Name, Creditor: file.Creditor.Name,
		Reference: negotiation.GroupedReference(file.Reference), Sum: file.Balance(),
	}
}

// explain says why no letter may be made: the gates by name, anything else in
// words.
func (s *Server) explain(c echo.Context, row *page.LetterCase, r *negotiation.Refusal) {
	if len(r.Reasons) > 0 {
		for _, reason := range r.Reasons {
			row.Reasons = append(row.Reasons, string(reason))
		}
		return
	}
	mention, _ := r.Facts["mention"].(string)
	row.Text = letterWords(s.language(c), r, mention)
}

// letterWords are a refusal in words, with the mention that is missing named in
// the reader's language.
func letterWords(l locale.Language, r *negotiation.Refusal, mention string) string {
	if mention != "" {
		key := "mention." + strings.NewReplacer("'s", "", " ", "_", "-", "_").Replace(mention)
		if l.Has(key) {
			mention = l.T(key)
		}
		return l.T("refusal."+r.Code, "mention", mention)
	}
	return words(l, r)
}

// createLetterBatch makes the letters that were reviewed. The review's id is
// the batch's: a second click finds it made.
func (s *Server) createLetterBatch(c echo.Context) error {
	form := typed(c, "dated_on")
	ids, batchID := c.Request().Form["case"], c.FormValue("batch")
	on := readDay(&form, "dated_on")
	if !negotiation.ValidID(batchID) {
		batchID = uuid.Must(uuid.NewV7()).String()
	}
	if len(ids) == 0 {
		form.Add("case", "choose")
		return s.answerLetters(c, http.StatusUnprocessableEntity, "", form)
	}
	if form.Bad() {
		return s.answerLettersReview(c, http.StatusUnprocessableEntity, ids, 0, batchID, form)
	}
	batch, err := s.negotiation.OpenLetterBatch(c.Request().Context(), who(c).Actor, batchID, ids, on, s.BaseURL)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerLettersReview(c, http.StatusUnprocessableEntity, ids, 0, batchID, form)
	}
	if err != nil {
		return err
	}
	return s.prepareBatch(c, batch.ID)
}

func (s *Server) continueLetterBatch(c echo.Context) error {
	batch, err := s.negotiation.LetterBatch(c.Request().Context(), who(c).Actor, c.Param("batch"))
	if err != nil {
		return err
	}
	return s.prepareBatch(c, batch.ID)
}

// prepareBatch makes letters for as long as a request may take.
func (s *Server) prepareBatch(c echo.Context, batchID string) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), preparingMax)
	defer cancel()
	order := negotiation.LetterOrder{Complete: outreach.CheckDraft, Carry: s.access.CarryCode}
	for {
		done, err := s.negotiation.PrepareBatch(ctx, who(c).Actor, batchID, preparedOnce, order)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if done == 0 || ctx.Err() != nil {
			break
		}
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/agent/letters/batches/"+batchID+"?done=letters_made")
}

func (s *Server) showLetterBatch(c echo.Context) error {
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	return s.answerLetterBatch(c, http.StatusOK, page.Form{Values: map[string]string{"sent_on": string(today)}})
}

func (s *Server) answerLetterBatch(c echo.Context, status int, form page.Form) error {
	ctx, by := c.Request().Context(), who(c).Actor
	batch, err := s.negotiation.LetterBatch(ctx, by, c.Param("batch"))
	if err != nil {
		return err
	}
	made, err := s.negotiation.BatchLetters(ctx, by, batch.ID)
	if err != nil {
		return err
	}
	at := "/agent/letters/batches/" + batch.ID
	p := &page.LettersBatch{
		StaffBase: s.staffBase(c, "letters"), DatedOn: batch.DatedOn, By: batch.ByName, At: batch.CreatedAt, Waiting: int(batch.Waiting), ContinueURL: at + "/preparation",
		PrintURL: at + "/print.pdf", PostingURL: at + "/posting", Total: money.Euros(0), Form: form,
	}
	for i := range made {
		row := s.madeRow(c, &made[i])
		switch row.State {
		case "ready":
			p.ToPost++
		case "mailing":
			p.ToMail++
		case "left":
			p.Left++
		case "held":
			p.Held++
			p.Refused++
		case "refused", "cancelled", "failed":
			p.Refused++
		}
		if slices.Contains([]string{"ready", "mailing", "left"}, row.State) {
			p.Total = p.Total.Add(row.Case.Sum)
		}
		p.Rows = append(p.Rows, row)
	}
	return s.showConsole(c, status, p)
}

// madeRow says what became of one case of a batch.
func (s *Server) madeRow(c echo.Context, b *negotiation.Batched) page.LetterMade {
	row := page.LetterMade{Case: letterCase(b.Case), State: "waiting"}
	row.Case.Sum = b.Total
	if b.Opening == nil {
		if !b.Waiting {
			code, rest, _ := strings.Cut(b.Refused, " ")
			row.State = "refused"
			if code == "gate_letters" {
				row.Case.Reasons = strings.Fields(rest)
			} else {
				row.Case.Text = letterWords(s.language(c), negotiation.Refuse(negotiation.Conflict, code), rest)
			}
		}
		return row
	}
	o := b.Opening
	row.Reference, row.PDFURL, row.On = o.Reference, "/agent/first-letters/"+o.LetterID, o.PostedOn
	row.Case.Channel = "post"
	if o.Letter.Channel == negotiation.ContactEmail {
		row.Case.Channel = "mail"
	}
	switch {
	case o.Posted():
		row.State = "left"
	case !o.Live():
		row.State, row.Case.Text = "cancelled", o.CancelledWhy
	case o.Letter.State == negotiation.LetterFailed:
		row.State, row.Case.Text = "failed", o.Letter.Problem
	case len(b.Held) > 0 || o.Letter.State == negotiation.LetterStopped:
		row.State = "held"
		for _, r := range b.Held {
			row.Case.Reasons = append(row.Case.Reasons, string(r))
		}
		if len(b.Held) == 0 {
			row.Case.Reasons = strings.Fields(o.Letter.BlockedBy)
		}
	case o.Letter.Channel == negotiation.ContactEmail:
		row.State = "mailing"
	default:
		row.State = "ready"
	}
	if !o.Posted() && o.Live() {
		row.CancelURL = row.PDFURL + "/cancellation"
	}
	return row
}

// printLetterBatch sends the letters that are to be posted, in one file. A
// letter that may not leave any more is not in it.
func (s *Server) printLetterBatch(c echo.Context) error {
	ctx := c.Request().Context()
	made, err := s.negotiation.BatchLetters(ctx, who(c).Actor, c.Param("batch"))
	if err != nil {
		return err
	}
	var print []*negotiation.OpeningLetter
	var ids []string
	for i := range made {
		if made[i].ToPost() {
			print, ids = append(print, made[i].Opening), append(ids, made[i].Opening.LetterID)
		}
	}
	if len(print) == 0 {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	codes, err := s.access.LetterCodes(ctx, ids...)
	if err != nil {
		return err
	}
	run, err := outreach.PrintRun(print, codes, c.QueryParam("duplex") != "")
	if err != nil {
		return err
	}
	content, err := run.PDF(s.language(c))
	if err != nil {
		return err
	}
	return s.sendPDF(c, "letters-"+string(print[0].DatedOn)+"-"+print[0].Reference+".pdf", content)
}

// createPosting records when the printed letters were posted, which opens their
// cases.
func (s *Server) createPosting(c echo.Context) error {
	form := typed(c, "sent_on", "file_reference")
	on := readDay(&form, "sent_on")
	proof := form.Values["file_reference"]
	file, err := s.upload(c, &form, "file", proofBytesMax, "application/pdf")
	if err != nil {
		return err
	}
	if file != "" {
		proof = strings.TrimSpace(proof + " file:" + file)
	}
	if form.Bad() {
		return s.answerLetterBatch(c, http.StatusUnprocessableEntity, form)
	}
	_, refused, err := s.negotiation.PostBatch(c.Request().Context(), who(c).Actor, c.Param("batch"), on, proof)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		if r.Field == "proof" {
			r.Field = "file_reference"
		}
		note(&form, s.language(c), r)
		return s.answerLetterBatch(c, status(r), form)
	}
	if err != nil {
		return err
	}
	for _, r := range refused { // one sentence says why; the rows say of which
		if len(r.Reasons) == 0 {
			note(&form, s.language(c), r)
			return s.answerLetterBatch(c, status(r), form)
		}
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/agent/letters/batches/"+c.Param("batch")+"?done=letters_posted")
}

// letterWork is what the day owes of letters: those to make, those to post, and
// mails that did not leave.
func (s *Server) letterWork(c echo.Context) ([]page.WorkRow, error) {
	ctx := c.Request().Context()
	var rows []page.WorkRow
	batches, err := s.negotiation.LetterBatches(ctx, who(c).Actor, batchesShown)
	if err != nil {
		return nil, err
	}
	agency := s.base(c).Agency.Name
	for _, b := range batches {
		if b.Unposted > 0 {
			rows = append(rows, page.WorkRow{
				URL: "/agent/letters/batches/" + b.ID, Who: agency, Due: b.DatedOn, Step: "post_letters", Why: "letters_unposted", Values: []any{"n", b.Unposted},
			})
		}
	}
	waiting, err := s.negotiation.CountUnwritten(ctx, workCountMax+1)
	if err == nil && waiting > 0 {
		row := page.WorkRow{URL: "/agent/letters", Who: agency, Step: "prepare_letters", Why: "letters_waiting", Values: []any{"n", waiting}}
		if waiting > workCountMax {
			row.Why, row.Values = "letters_waiting_many", []any{"n", workCountMax}
		}
		rows = append(rows, row)
	}
	return rows, err
}
