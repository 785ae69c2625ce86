package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"amiable/payments/stripe"
)

// version is set by the linker for a release: -ldflags "-X main.version=…".
var version = ""

// VersionCmd prints what runs: `amiable version`.
type VersionCmd struct{}

// Run prints it.
func (*VersionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintf(out, "amiable %s, %s, Stripe API %s\n", versionText(), runtime.Version(), stripe.APIVersion)
	return err
}

func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	if revision != "" {
		return revision + changed
	}
	return info.Main.Version
}
