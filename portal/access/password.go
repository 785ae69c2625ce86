package access

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"amiable/negotiation"
)

// Passwords are argon2id with OWASP's parameters. Two hashes at once is what a
// small machine can hold: 38 MiB, and the pages stay quick.
var hashParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const (
	hashesAtOnce = 2
	passwordMin  = 12  // characters
	passwordMax  = 256 // characters
)

// nobodysHash belongs to no password. Unknown users are judged by it, so that
// they take as long as known ones.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$ZmFkZWQgc2FsdCBoZXJlIQ$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

//go:embed common_passwords.txt
var commonList string

// common are passwords that guessers try first, folded.
var common = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(commonList) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[folded(line)] = true
		}
	}
	return set
})

// folded undoes what people do to a weak password to make it pass.
func folded(password string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(strings.ToLower(password))
}

// normal gives one form to what different keyboards write for one character.
func normal(password string) string { return norm.NFC.String(password) }

// checkPassword refuses what is too short, or known to everybody.
func checkPassword(u *User, password string) error {
	length := utf8.RuneCountInString(password)
	plainEmail, plainPassword := plain(u.Email), plain(password)
	switch {
	case length < passwordMin:
		return negotiation.Refuse(negotiation.Invalid, "password_short").On("password").With("min", passwordMin)
	case length > passwordMax:
		return negotiation.Refuse(negotiation.Invalid, "password_long").On("password").With("max", passwordMax)
	case plainPassword == plainEmail, common()[folded(password)], fewDistinct(password), inOrder(password):
		return negotiation.Refuse(negotiation.Invalid, "password_known").On("password")
	}
	return nil
}

// fewDistinct says whether a text is made of fewer than four characters.
func fewDistinct(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 4
}

// inOrder says whether each character but a few follows the one before, as in
// 123456789012 and abcdefghijkl.
func inOrder(s string) bool {
	var last rune
	steps, n := 0, 0
	for _, r := range strings.ToLower(s) {
		if n > 0 && (r == last+1 || r == last-1) {
			steps++
		}
		last = r
		n++
	}
	return steps >= n-3
}

// newHash checks and hashes a password that a user chose.
func (s *Service) newHash(ctx context.Context, u *User, password string) (hash string, err error) {
	password = normal(password)
	if err := checkPassword(u, password); err != nil {
		return "", err
	}
	err = s.oneOfTwo(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(password, hashParams)
		return err
	})
	return hash, fault(err, "password of user", u.ID)
}

// matches compares; an empty hash is nobody's and never matches.
func (s *Service) matches(ctx context.Context, password, hash string) (match bool, err error) {
	if hash == "" {
		hash = nobodysHash
	}
	password = cut(normal(password), passwordMax+1)
	err = s.oneOfTwo(ctx, func() (err error) {
		match, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return match && hash != nobodysHash, err
}

// oneOfTwo waits for a place among the hashes at work, or for ctx to end.
func (s *Service) oneOfTwo(ctx context.Context, do func() error) error {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
		return do()
	case <-ctx.Done():
		return fmt.Errorf("waiting to hash a password: %w", ctx.Err())
	}
}
