package evidence

import (
	"bytes"
	"encoding/binary"
)

// orientation is how the camera was held, by the EXIF data of an image: 1 to 8,
// or 1 where it says nothing. It is all that is read of them.
func orientation(b []byte, k kind) int {
	switch k {
	case kindJPEG:
		for _, s := range segments(b) {
			if tiff, ok := bytes.CutPrefix(s.body, []byte("Exif\x00\x00")); ok && s.marker == 0xe1 {
				return orientationOf(tiff)
			}
		}
	case kindPNG:
		for at := 8; at+8 <= len(b); {
			size := int(binary.BigEndian.Uint32(b[at:]))
			if size < 0 || size > len(b)-at-8 {
				break
			}
			if string(b[at+4:at+8]) == "eXIf" {
				return orientationOf(b[at+8 : at+8+size])
			}
			at += 12 + size
		}
	case kindWebP:
		for at := 12; at+8 <= len(b); {
			size := int(binary.LittleEndian.Uint32(b[at+4:]))
			if size < 0 || size > len(b)-at-8 {
				break
			}
			if string(b[at:at+4]) == "EXIF" {
				return orientationOf(bytes.TrimPrefix(b[at+8:at+8+size], []byte("Exif\x00\x00")))
			}
			at += 8 + size + size&1
		}
	}
	return 1
}

// orientationOf reads the tag 0x0112 of the first directory of a TIFF block.
func orientationOf(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
		entries = entries[12:]
	}
	return 1
}

// segment is one of the parts before the image of a JPEG.
type segment struct {
	marker     byte
	body       []byte
	start, end int // in the file, marker and length included
}

// segments lists the parts of a JPEG up to its image data.
func segments(b []byte) []segment {
	var all []segment
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		if b[at+1] == 0xff { // fill
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		if b[at+1] == 0xda || size < 2 || at+2+size > len(b) {
			break
		}
		all = append(all, segment{b[at+1], b[at+4 : at+2+size], at, at + 2 + size})
		at += 2 + size
	}
	return all
}

// withoutNotes returns a JPEG without what is not needed to show it: EXIF, XMP,
// comments. What tells the colours stays.
func withoutNotes(b []byte) []byte {
	if sniff(b) != kindJPEG {
		return b
	}
	kept, from := make([]byte, 0, len(b)), 0
	for _, s := range segments(b) {
		note := s.marker == 0xfe || s.marker == 0xe1 || s.marker >= 0xe3 && s.marker <= 0xed || s.marker == 0xef
		if note {
			kept = append(kept, b[from:s.start]...)
			from = s.end
		}
	}
	return append(kept, b[from:]...)
}
