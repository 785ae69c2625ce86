package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/placement"
)

// ImportCmd places a creditor's file of claims or books a bank's file, whichever
// it is: `amiable import FILE`.
type ImportCmd struct {
	Settings `embed:""`
	File     string  `arg:"" type:"existingfile" help:"A file of claims (CSV), or a bank's statement or notice (camt.053, camt.054)."`
	Creditor string  `placeholder:"REF" help:"Whose claims they are; without it the file's own column decides."`
	Encoding string  `placeholder:"NAME" help:"utf-8, windows-1252, …; guessed without it."`
	DryRun   bool    `help:"Say what would become of each line. Needs no database; creditors and mandates named in the file count as known."`
	Today    day.Day `placeholder:"YYYY-MM-DD" help:"With --dry-run: the day to judge by."`
	JSON     bool    `name:"json" help:"The result as JSON: with --dry-run one object a line."`
	Refused  string  `placeholder:"FILE" help:"Where refused lines go; by default FILE.refused.csv beside the file."`
	Despite  bool    `help:"Book a bank's file although its own sums do not agree."`
}

// Run imports, or says what would be imported.
func (cmd *ImportCmd) Run(ctx context.Context, out io.Writer) error {
	bank, err := isBankFile(cmd.File)
	if err != nil {
		return err
	}
	if bank && cmd.DryRun {
		return runBankDryRun(out, cmd.File, cmd.JSON)
	}
	if bank {
		return cmd.bookBankFile(ctx, out)
	}
	if cmd.DryRun {
		return cmd.dryRun(out)
	}
	if !cmd.Today.IsZero() {
		return errors.New("--today goes with --dry-run: an import happens on the day it happens")
	}
	encoding, err := placement.ParseEncoding(cmd.Encoding)
	if err != nil {
		return err
	}
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	f, err := os.Open(cmd.File)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	refused, err := os.OpenFile(cmd.refusedPath(), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("file for refused lines (--refused names another): %w", err)
	}
	defer refused.Close()
	bar := newProgress(os.Stderr, size)
	batch, summary, err := i.negotiation.Place(ctx, operator, negotiation.File{
		Name: filepath.Base(cmd.File), Hash: hex.EncodeToString(sum.Sum(nil)), Body: f, Encoding: encoding, Creditor: cmd.Creditor,
		Refused: refused, Progress: bar.at,
	})
	bar.end()
	if err == nil {
		err = cmd.keepRefused(ctx, i, batch, refused)
	}
	if err != nil {
		return err
	}
	return cmd.report(out, batch, summary)
}

func (cmd *ImportCmd) dryRun(out io.Writer) error {
	today := cmd.Today
	if today.IsZero() {
		now, err := negotiation.WallClock{}.Now(context.Background())
		if err != nil {
			return err
		}
		today = negotiation.DayOf(now)
	}
	return runImportDryRun(out, cmd.File, today, cmd.Encoding, cmd.JSON)
}

func (cmd *ImportCmd) refusedPath() string {
	if cmd.Refused != "" {
		return cmd.Refused
	}
	return cmd.File + ".refused.csv"
}

// keepRefused leaves the refused lines beside the file and keeps them for the
// creditor's page; where there are none it takes the empty file away.
func (cmd *ImportCmd) keepRefused(ctx context.Context, i *installation, batch *negotiation.Placement, lines *os.File) error {
	if batch.Refused == 0 {
		return os.Remove(lines.Name())
	}
	if _, err := lines.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("refused lines: %w", err)
	}
	content, err := io.ReadAll(lines)
	if err != nil {
		return fmt.Errorf("refused lines: %w", err)
	}
	if err := i.withFiles(); err != nil {
		return err
	}
	hash, err := i.files.Put(ctx, filepath.Base(lines.Name()), "text/csv", content)
	if err != nil {
		return err
	}
	return i.negotiation.SetRefusedFile(ctx, batch, hash)
}

func (cmd *ImportCmd) report(out io.Writer, b *negotiation.Placement, s *placement.Summary) error {
	refused := ""
	if b.Refused > 0 {
		refused = cmd.refusedPath()
	}
	if cmd.JSON {
		return printJSON(out, map[string]any{
			"placement": b.ID, "encoding": b.Encoding, "records": s.Records, "accepted": b.Accepted, "warned": b.Warned, "refused": b.Refused,
			"blank": b.Skipped, "known": b.Known, "refused_file": refused,
		})
	}
	fmt.Fprintf(out, "%s: %d records: %d accepted, %d accepted with a warning, %d refused; %d blank lines\n",
		filepath.Base(cmd.File), s.Records, b.Accepted, b.Warned, b.Refused, b.Skipped)
	writeReasons(out, *s)
	writeTotals(out, *s)
	if b.Known > 0 {
		fmt.Fprintf(out, "%d new claims; %d were placed before and are left as they are\n", b.Accepted+b.Warned-b.Known, b.Known)
	}
	if refused != "" {
		fmt.Fprintf(out, "refused lines, each with its reason: %s\n", refused)
	}
	_, err := fmt.Fprintf(out, "placement %s\n", b.ID)
	return err
}

// progress draws a bar on a terminal, and nothing elsewhere.
type progress struct {
	out   *os.File
	size  int64
	drawn int
	shown bool
}

func newProgress(out *os.File, size int64) *progress {
	info, err := out.Stat()
	return &progress{out: out, size: size, drawn: -1, shown: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (p *progress) at(read int64) {
	const width = 40
	if !p.shown || p.size == 0 {
		return
	}
	if done := int(min(read, p.size) * width / p.size); done != p.drawn {
		p.drawn = done
		fmt.Fprintf(p.out, "\r[%s%s] %3d %%", strings.Repeat("#", done), strings.Repeat(".", width-done), done*100/width)
	}
}

func (p *progress) end() {
	if p.shown && p.drawn >= 0 {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
