package conformance

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// The command line and the second client come from npm, pinned by the lock file
// beside us. They are installed once into the user's cache, never into the
// checkout, and without running any script of theirs.

//go:embed tools/package.json
var toolsManifest []byte

//go:embed tools/package-lock.json
var toolsLock []byte

//go:embed tools/.npmrc
var toolsSettings []byte

const installDeadline = 5 * time.Minute

var toolsFolder = sync.OnceValues(installTools)

func installTools() (string, error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return "", fmt.Errorf("npm is not installed (Debian: apt-get install nodejs npm)")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w", err)
	}
	sum := sha256.Sum256(append(append([]byte(nil), toolsManifest...), toolsLock...))
	folder := filepath.Join(cache, "amiable", "stripe-tools-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	building, err := os.MkdirTemp(filepath.Dir(folder), "installing-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(building)
	for name, content := range map[string][]byte{
		"package.json": toolsManifest, "package-lock.json": toolsLock, ".npmrc": toolsSettings,
	} {
		if err := os.WriteFile(filepath.Join(building, name), content, 0o644); err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), installDeadline)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = building
	if out, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci of the Stripe CLI and stripe-node: %w\n%s", err, out)
	}
	if err := os.Rename(building, folder); err != nil {
		if _, there := os.Stat(filepath.Join(folder, "node_modules")); there != nil {
			return "", err
		} // another run was faster
	}
	return folder, nil
}

// need returns a tool or ends the test: it fails by name where everything is
// required (AMIABLE_REQUIRE_ALL=1), and is skipped by name elsewhere.
func need(t testing.TB, name string, tool string, err error) string {
	t.Helper()
	if err == nil {
		return tool
	}
	if os.Getenv("AMIABLE_REQUIRE_ALL") == "1" {
		t.Fatalf("%s is required (AMIABLE_REQUIRE_ALL=1) and missing: %v", name, err)
	}
	t.Skipf("%s is missing: %v", name, err)
	return ""
}

// stripeCommand returns the path of the official Stripe CLI.
func stripeCommand(t testing.TB) string {
	t.Helper()
	path, err := func() (string, error) {
		if own := os.Getenv("STRIPE_CLI"); own != "" { // for platforms whose package is not in the lock file
			_, err := os.Stat(own)
			return own, err
		}
		folder, err := toolsFolder()
		if err != nil {
			return "", err
		}
		arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
		path := filepath.Join(folder, "node_modules", "@stripe", "cli-"+runtime.GOOS+"-"+arch, "bin", "stripe")
		_, err = os.Stat(path)
		return path, err
	}()
	return need(t, "the Stripe CLI (npm @stripe/cli, or a path in STRIPE_CLI)", path, err)
}

// nodeWithStripe returns the path of node and the folder in which
// `import "stripe"` finds stripe-node.
func nodeWithStripe(t testing.TB) (node, folder string) {
	t.Helper()
	node, err := exec.LookPath("node")
	node = need(t, "node", node, err)
	folder, err = toolsFolder()
	if err == nil {
		_, err = os.Stat(filepath.Join(folder, "node_modules", "stripe"))
	}
	return node, need(t, "stripe-node (npm stripe)", folder, err)
}
