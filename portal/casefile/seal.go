package casefile

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// sealed is what the seal signs: never the same message as a manifest.
func sealed(sum []byte) []byte {
	return []byte(Format + " seal " + hex.EncodeToString(sum))
}

// sealer passes on what is written, but keeps back the last bytes, which are
// the place of the seal.
type sealer struct {
	out  io.Writer
	key  *Key
	sum  hash.Hash
	back []byte
}

func newSealer(out io.Writer, key *Key) *sealer {
	return &sealer{out: out, key: key, sum: sha256.New()}
}

// Write passes on all but the last bytes.
func (s *sealer) Write(p []byte) (int, error) {
	s.back = append(s.back, p...)
	if more := len(s.back) - SealLength; more > 0 {
		s.sum.Write(s.back[:more])
		if _, err := s.out.Write(s.back[:more]); err != nil {
			return 0, err
		}
		s.back = append(s.back[:0], s.back[more:]...)
	}
	return len(p), nil
}

// close writes the seal in its place.
func (s *sealer) close() error {
	if len(s.back) != SealLength {
		return fmt.Errorf("file of a case: %d bytes are no place for its seal", len(s.back))
	}
	_, err := io.WriteString(s.out, hex.EncodeToString(s.key.sign(sealed(s.sum.Sum(nil)))))
	return err
}

// checkSeal says whether the last bytes seal those before them.
func checkSeal(r io.ReaderAt, size int64, key PublicKey) (bool, error) {
	if size <= SealLength {
		return false, nil
	}
	last := make([]byte, SealLength)
	if _, err := r.ReadAt(last, size-SealLength); err != nil {
		return false, err
	}
	signature, err := hex.DecodeString(string(last))
	// Written otherwise it would be another file with the same seal.
	if err != nil || hex.EncodeToString(signature) != string(last) {
		return false, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size-SealLength)); err != nil {
		return false, err
	}
	return ed25519.Verify(ed25519.PublicKey(key), sealed(sum.Sum(nil)), signature), nil
}
