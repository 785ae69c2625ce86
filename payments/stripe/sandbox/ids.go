package sandbox

import (
	"encoding/base64"
	"math/rand/v2"
)

// minter makes the identifiers of one sandbox. The same seed and the same
// calls in the same order give the same identifiers, so that a failing story
// can be told again word for word.
type minter struct {
	random *rand.Rand
}

func newMinter(seed uint64) *minter {
	return &minter{random: rand.New(rand.NewPCG(seed, 0x5354524950450000))}
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id returns prefix followed by 24 characters, the length of Stripe's own.
func (m *minter) id(prefix string) string { return m.text(prefix, 24) }

// text returns prefix followed by n characters of the alphabet.
func (m *minter) text(prefix string, n int) string {
	made := make([]byte, len(prefix), len(prefix)+n)
	copy(made, prefix)
	for n > 0 {
		bits := m.random.Uint64()
		// Ten six-bit draws per word; the two values past the alphabet wrap
		// round, which costs a little evenness and nothing that matters here.
		for i := 0; i < 10 && n > 0; i++ {
			made = append(made, alphabet[int(bits&63)%len(alphabet)])
			bits >>= 6
			n--
		}
	}
	return string(made)
}

// chance reports whether a draw falls under probability; 1 and above always does.
func (m *minter) chance(probability float64) bool {
	return probability >= 1 || m.random.Float64() < probability
}

// secret returns a webhook signing secret. It looks like Stripe's.
func (m *minter) secret() string {
	var raw [24]byte
	for i := range raw {
		raw[i] = byte(m.random.Uint32())
	}
	return "whsec_" + base64.RawURLEncoding.EncodeToString(raw[:])
}
