package casefile

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// PublicKey is a key that checks files.
type PublicKey ed25519.PublicKey

// ID names a key: the first sixteen hexadecimal digits of the SHA-256 of its 32
// bytes.
func (k PublicKey) ID() string {
	sum := sha256.Sum256(k)
	return hex.EncodeToString(sum[:8])
}

// Base64 is the key as it is written in a setting.
func (k PublicKey) Base64() string { return base64.StdEncoding.EncodeToString(k) }

// PEM is the key as other programs read it.
func (k PublicKey) PEM() []byte {
	der, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(k))
	if err != nil {
		return nil // of 32 bytes there is no error
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// ParsePublicKey reads a key: PEM, or 32 bytes in base64.
func ParsePublicKey(text string) (PublicKey, error) {
	text = strings.TrimSpace(text)
	if block, _ := pem.Decode([]byte(text)); block != nil {
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("public key: %w", err)
		}
		if public, ok := key.(ed25519.PublicKey); ok {
			return PublicKey(public), nil
		}
		return nil, errors.New("public key: it is not Ed25519")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, errors.New("public key: neither PEM nor 32 bytes in base64")
	}
	return PublicKey(raw), nil
}

// Key signs files.
type Key struct{ private ed25519.PrivateKey }

// NewKey draws a key and returns it as it is written in a setting.
func NewKey() (string, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(seed), nil
}

// ParseKey reads a key out of a setting: 32 random bytes in base64.
func ParseKey(text string) (*Key, error) {
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("is not 32 bytes in base64: make one with `amiable seal-key`")
	}
	return &Key{ed25519.NewKeyFromSeed(seed)}, nil
}

// Public is the half that is published.
func (k *Key) Public() PublicKey {
	return PublicKey(k.private.Public().(ed25519.PublicKey))
}

func (k *Key) sign(message []byte) []byte { return ed25519.Sign(k.private, message) }

// Keys are those of an installation: the one that signs, if there is one, and
// those that signed before it and still check.
type Keys struct {
	Signs  *Key
	Before []PublicKey
}

// Public are all keys that check, the one that signs first.
func (k Keys) Public() []PublicKey {
	var all []PublicKey
	if k.Signs != nil {
		all = append(all, k.Signs.Public())
	}
	return append(all, k.Before...)
}

// ParseKeys reads what the settings hold; an empty key is none.
func ParseKeys(signs string, before []string) (Keys, error) {
	var keys Keys
	if strings.TrimSpace(signs) != "" {
		key, err := ParseKey(signs)
		if err != nil {
			return keys, err
		}
		keys.Signs = key
	}
	for _, text := range before {
		if strings.TrimSpace(text) == "" {
			continue
		}
		key, err := ParsePublicKey(text)
		if err != nil {
			return keys, err
		}
		keys.Before = append(keys.Before, key)
	}
	return keys, nil
}
