package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/portal/locale"
	"amiable/portal/outreach"
)

// LettersCmd makes, prints and posts first letters: `amiable letters`.
type LettersCmd struct {
	List    LettersListCmd    `cmd:"" default:"1" help:"Say how many cases wait for their first letter, and which batches there are."`
	Prepare LettersPrepareCmd `cmd:"" help:"Make the first letters of a placement's cases as a batch."`
	Print   LettersPrintCmd   `cmd:"" help:"Write the letters of a batch that are to be posted as one PDF."`
	Posted  LettersPostedCmd  `cmd:"" help:"Record that the letters of a batch were posted, which opens their cases."`
	ByMail  LettersByMailCmd  `cmd:"" help:"Say whether first letters may leave by mail. Paper is what the law is sure of."`
}

// LettersListCmd is `amiable letters list`.
type LettersListCmd struct {
	Settings `embed:""`
}

// Run lists what waits and what was made.
func (cmd *LettersListCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	waiting, err := i.negotiation.UnwrittenPlacements(ctx, operator, 100)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		fmt.Fprintf(out, "placement %s  %d cases wait  %s %s\n", w.PlacementID, w.Cases, w.FileName, w.CreditorName)
	}
	batches, err := i.negotiation.LetterBatches(ctx, operator, 100)
	if err != nil {
		return err
	}
	for _, b := range batches {
		fmt.Fprintf(out, "batch %s  of %s  %d cases, %d to make, %d to post\n", b.ID, b.DatedOn, b.Cases, b.Waiting, b.Unposted)
	}
	if len(waiting)+len(batches) == 0 {
		fmt.Fprintln(out, "no case waits for its first letter, and none was made")
	}
	return nil
}

// LettersPrepareCmd is `amiable letters prepare`.
type LettersPrepareCmd struct {
	Settings  `embed:""`
	Placement string  `placeholder:"ID" xor:"what" required:"" help:"Whose cases: a placement's id as import prints it; a batch holds 500 at most, the oldest first."`
	Batch     string  `placeholder:"ID" xor:"what" required:"" help:"Go on with a batch that was begun."`
	Date      day.Day `placeholder:"YYYY-MM-DD" help:"Day printed on the letters: today, or up to 7 days on."`
}

// Run makes the letters; a case that is refused does not keep the others from
// their turn.
func (cmd *LettersPrepareCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withAccess(); err != nil {
		return err
	}
	batchID := cmd.Batch
	if batchID == "" {
		cases, err := i.negotiation.Unwritten(ctx, operator, cmd.Placement, negotiation.LettersPerBatch)
		if err != nil {
			return err
		}
		ids := make([]string, len(cases))
		for n := range cases {
			ids[n] = cases[n].ID
		}
		batchID = uuid.Must(uuid.NewV7()).String()
		if _, err := i.negotiation.OpenLetterBatch(ctx, operator, batchID, ids, cmd.Date, i.settings.baseURL()); err != nil {
			return err
		}
	}
	for {
		done, err := i.negotiation.PrepareBatch(ctx, operator, batchID, 50, i.letterOrder())
		if err != nil {
			return err
		}
		if done == 0 {
			break
		}
	}
	list, err := i.negotiation.BatchLetters(ctx, operator, batchID)
	if err != nil {
		return err
	}
	made := 0
	for _, b := range list {
		if b.Opening != nil {
			made++
			continue
		}
		fmt.Fprintf(out, "%s  not made: %s\n", negotiation.GroupedReference(b.Case.Reference), b.Refused)
	}
	_, err = fmt.Fprintf(out, "batch %s: %d of %d letters made\n", batchID, made, len(list))
	return err
}

// letterOrder says how first letters are made: complete, and with a code.
func (i *installation) letterOrder() negotiation.LetterOrder {
	return negotiation.LetterOrder{Complete: outreach.CheckDraft, Carry: i.access.CarryCode}
}

// prepareLetters goes on with batches that a request did not finish.
func (i *installation) prepareLetters(ctx context.Context) (int, error) {
	return i.negotiation.PrepareWaiting(ctx, batch, i.letterOrder())
}

// LettersPrintCmd is `amiable letters print`.
type LettersPrintCmd struct {
	Settings `embed:""`
	Batch    string `arg:"" placeholder:"ID" help:"The batch."`
	Output   string `short:"o" placeholder:"FILE" help:"Where the PDF goes; by default letters-BATCH.pdf."`
	Duplex   bool   `help:"For printing on both sides: each letter begins on a new sheet."`
}

// Run writes the file. A letter that may not leave any more is not in it.
func (cmd *LettersPrintCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withAccess(); err != nil {
		return err
	}
	list, err := i.negotiation.BatchLetters(ctx, operator, cmd.Batch)
	if err != nil {
		return err
	}
	var print []*negotiation.OpeningLetter
	var ids []string
	for n := range list {
		if list[n].ToPost() {
			print, ids = append(print, list[n].Opening), append(ids, list[n].Opening.LetterID)
		}
	}
	if len(print) == 0 {
		return errors.New("no letter of this batch is to be posted")
	}
	codes, err := i.access.LetterCodes(ctx, ids...)
	if err != nil {
		return err
	}
	run, err := outreach.PrintRun(print, codes, cmd.Duplex)
	if err != nil {
		return err
	}
	content, err := run.PDF(locale.French)
	if err != nil {
		return err
	}
	path := cmd.Output
	if path == "" {
		path = "letters-" + cmd.Batch + ".pdf"
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d letters in %s\n", len(print), path)
	return err
}

// LettersPostedCmd is `amiable letters posted`.
type LettersPostedCmd struct {
	Settings `embed:""`
	Batch    string  `arg:"" placeholder:"ID" help:"The batch."`
	Date     day.Day `required:"" placeholder:"YYYY-MM-DD" help:"Day on which they were posted."`
	Proof    string  `required:"" placeholder:"TEXT" help:"Where the proof of posting is."`
}

// Run records the posting.
func (cmd *LettersPostedCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	posted, refused, err := i.negotiation.PostBatch(ctx, operator, cmd.Batch, cmd.Date, cmd.Proof)
	if err != nil {
		return err
	}
	for id, r := range refused {
		fmt.Fprintf(out, "letter %s  refused: %s\n", id, sentence(r))
	}
	fmt.Fprintf(out, "%d cases opened\n", posted)
	if len(refused) > 0 {
		return fmt.Errorf("%d letters may not leave any more: take them out of the pile and cancel them", len(refused))
	}
	return nil
}

// LettersByMailCmd is `amiable letters by-mail`.
type LettersByMailCmd struct {
	Settings `embed:""`
	Allowed  string `arg:"" enum:"yes,no" help:"yes or no."`
}

// Run sets what the agency allows.
func (cmd *LettersByMailCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.negotiation.AllowFirstLetterByEmail(ctx, operator, cmd.Allowed == "yes"); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "first letters by mail: %s\n", cmd.Allowed)
	return err
}
