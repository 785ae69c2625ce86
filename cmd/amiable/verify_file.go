package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"amiable/portal/casefile"
	"amiable/portal/locale"
)

var errFileBroken = errors.New("the file is not what was signed: see above")

// verifyFile checks the signed file of a case, offline.
func (cmd *VerifyCmd) verifyFile(out io.Writer) error {
	keys, err := cmd.trusted()
	if err != nil {
		return err
	}
	file, err := os.Open(cmd.File)
	if err != nil {
		return err
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return err
	}
	report, err := casefile.Verify(file, about.Size(), keys)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	act := report.Link(cmd.Head)
	if cmd.Head != "" && act == 0 {
		report.Problems = append(report.Problems, casefile.Problem{Code: "head", Text: fmt.Sprintf("no act of the file has the digits %.40q", cmd.Head)})
	}
	if cmd.JSON {
		err = printJSON(out, object{"holds": report.Holds(), "act": act, "file": report})
	} else {
		err = printFile(out, cmd.File, report, act)
	}
	if err == nil && !report.Holds() {
		return errFileBroken
	}
	return err
}

// trusted are the keys that were given, else those of the settings.
func (cmd *VerifyCmd) trusted() ([]casefile.PublicKey, error) {
	var keys []casefile.PublicKey
	for _, given := range cmd.Key {
		text := given
		if content, err := os.ReadFile(given); err == nil {
			text = string(content)
		}
		key, err := casefile.ParsePublicKey(text)
		if err != nil {
			return nil, fmt.Errorf("--key %s: %w", given, err)
		}
		keys = append(keys, key)
	}
	if len(keys) > 0 {
		return keys, nil
	}
	ours, err := casefile.ParseKeys(cmd.SealKey, cmd.SealKeysBefore)
	if err != nil {
		return nil, fmt.Errorf("AMIABLE_SEAL_KEY: %w", err)
	}
	return ours.Public(), nil
}

func printFile(out io.Writer, name string, r *casefile.Report, act int64) error {
	text := fmt.Sprintf("%s\n", name)
	if r.Case != "" {
		text += fmt.Sprintf("  case    %s, copy for the %s, made on %s\n  holds   %s entries, %s acts", r.Case, r.For, r.MadeOn,
			locale.English.Number(int64(r.Files)), locale.English.Number(r.Events))
		if r.Withheld > 0 {
			text += fmt.Sprintf(", of which %d are withheld and stand as links", r.Withheld)
		}
		text += fmt.Sprintf("\n  head    %.16s\n  key     %s", r.Head, r.Key)
		if !r.KeyKnown {
			text += ", WHICH CAME WITH THE FILE: it proves that nothing was changed since, not by whom it was signed.\n          Compare it with " + r.KeyURL + ", or give the key you trust with --key"
		}
		text += "\n"
	}
	if act > 0 {
		text += fmt.Sprintf("  digits  those of act %d\n", act)
	}
	for _, p := range r.Problems {
		text += "BROKEN    "
		if p.Path != "" {
			text += p.Path + " "
		}
		text += p.Text + "\n"
	}
	if r.Holds() {
		text += "ok        it is what was signed, to the last byte\n"
	}
	_, err := io.WriteString(out, text)
	return err
}

// SealKeyCmd makes a key that signs the files of cases: `amiable seal-key`.
type SealKeyCmd struct {
	Of   string `placeholder:"BASE64" env:"AMIABLE_SEAL_KEY" help:"Show the public half of this key in place of making one."`
	JSON bool   `name:"json" help:"As one JSON object."`
}

// Run prints a new key, or what of a key is published.
func (cmd *SealKeyCmd) Run(out io.Writer) error {
	text := cmd.Of
	var err error
	if text == "" {
		if text, err = casefile.NewKey(); err != nil {
			return err
		}
	}
	key, err := casefile.ParseKey(text)
	if err != nil {
		return fmt.Errorf("AMIABLE_SEAL_KEY %w", err)
	}
	public := key.Public()
	said := object{"id": public.ID(), "public": public.Base64(), "pem": string(public.PEM())}
	if cmd.Of == "" {
		said["key"] = text
	}
	if cmd.JSON {
		return printJSON(out, said)
	}
	if cmd.Of == "" {
		if _, err := fmt.Fprintf(out, "AMIABLE_SEAL_KEY=%s\n# keep it secret; when another takes its place, publish this one on:\n", text); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "# AMIABLE_SEAL_KEYS_BEFORE=%s\n# its id is %s\n", public.Base64(), public.ID())
	return err
}

// examineSealKey says whether files can be signed.
func (cmd *DoctorCmd) examineSealKey(d *diagnosis) {
	keys, err := casefile.ParseKeys(cmd.SealKey, cmd.SealKeysBefore)
	switch {
	case err != nil: // said already
	case keys.Signs == nil:
		d.problem("AMIABLE_SEAL_KEY", "is missing: no file of a case can be signed; make one with `amiable seal-key`")
	default:
		d.fine("AMIABLE_SEAL_KEY", "is there: key %s signs", keys.Signs.Public().ID())
	}
}
