package access

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// secretMin is the least length of the installation's secret, in bytes.
const secretMin = 32

// Keys is the one secret of an installation. Everything that must stay
// unreadable to who has only the database hangs on it: change it, and links,
// sessions and authenticators end.
type Keys struct{ Secret []byte }

// keyring holds one key per purpose, so that no hash or sealed text of one
// purpose is of any use for another.
type keyring struct {
	links, codes, sessions, tokens, tickets, limits, enrolment []byte
	letterCodes, letterHashes, letterTokens                    []byte
	payTokens, payHashes, recovery                             []byte
	authenticators, forms, addresses                           cipher.AEAD
}

func (k Keys) ring() (keyring, error) {
	var ring keyring
	if len(k.Secret) < secretMin {
		return ring, fmt.Errorf("the secret has %d bytes: it needs at least %d", len(k.Secret), secretMin)
	}
	derive := func(purpose string) ([]byte, error) {
		return hkdf.Key(sha256.New, k.Secret, nil, "amiable/access/"+purpose, 32)
	}
	for purpose, key := range map[string]*[]byte{
		"links": &ring.links, "codes": &ring.codes, "sessions": &ring.sessions, "tokens": &ring.tokens,
		"tickets": &ring.tickets, "limits": &ring.limits, "enrolment": &ring.enrolment,
		"letter codes": &ring.letterCodes, "letter hashes": &ring.letterHashes, "letter tokens": &ring.letterTokens,
		"pay tokens": &ring.payTokens, "pay hashes": &ring.payHashes, "recovery": &ring.recovery,
	} {
		var err error
		if *key, err = derive(purpose); err != nil {
			return ring, fmt.Errorf("key for %s: %w", purpose, err)
		}
	}
	for purpose, box := range map[string]*cipher.AEAD{"authenticators": &ring.authenticators, "forms": &ring.forms, "addresses": &ring.addresses} {
		key, err := derive(purpose)
		if err != nil {
			return ring, fmt.Errorf("key for %s: %w", purpose, err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return ring, fmt.Errorf("key for %s: %w", purpose, err)
		}
		if *box, err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return ring, fmt.Errorf("key for %s: %w", purpose, err)
		}
	}
	return ring, nil
}

// mac hashes parts under a key. Each part but the last is of a kind that holds
// no zero byte, so two different lists never read alike.
func mac(key []byte, parts ...string) []byte {
	sum := hmac.New(sha256.New, key)
	for i, part := range parts {
		if i > 0 {
			sum.Write([]byte{0})
		}
		sum.Write([]byte(part))
	}
	return sum.Sum(nil)
}

// seal encrypts a text so that it opens only under the same name.
func seal(box cipher.AEAD, name string, plain []byte) []byte {
	return box.Seal(nil, nil, plain, []byte(name))
}

var errSealed = errors.New("a sealed text does not open: is the secret another one?")

func unseal(box cipher.AEAD, name string, sealed []byte) ([]byte, error) {
	plain, err := box.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// tokenBytes makes tokens of 144 bits, 24 characters of a URL.
const tokenBytes = 18

func newToken() string {
	random := make([]byte, tokenBytes)
	_, _ = rand.Read(random) // crypto/rand never fails: it stops the process instead
	return tokenFrom(random)
}

// tokenFrom writes the first bytes of what nobody can guess as a token.
func tokenFrom(secret []byte) string {
	return base64.RawURLEncoding.EncodeToString(secret[:tokenBytes])
}
