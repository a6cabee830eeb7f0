using System;
using System.IO;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>Checks the codec against the vectors that both languages share.</summary>
    internal sealed class WireVectors
    {
        private readonly string _folder;
        private readonly FrameHeader _frame = new FrameHeader();
        private readonly PlaneCodec _codec = new PlaneCodec();
        private int _failed;

        internal WireVectors(string folder)
        {
            _folder = folder;
        }

        /// <summary>Prints what differs and how many were checked; 0 when nothing does.</summary>
        internal int RunAll()
        {
            JsonValue index = Json.Parse(File.ReadAllBytes(Path.Combine(_folder, "index.json")), "index.json", 1 << 24);
            JsonValue valid = WireFrameWords.Get(index, "valid");
            JsonValue broken = WireFrameWords.Get(index, "broken");
            for (int i = 0; i < valid.Count; i++)
            {
                valid[i].TryText(out string name);
                Guard(name, () => CheckValid(name));
            }
            for (int i = 0; i < broken.Count; i++)
            {
                JsonValue edit = broken[i];
                Guard(WireFrameWords.Text(edit, "name"), () => CheckBroken(edit));
            }
            Console.WriteLine("valid " + valid.Count + " broken " + broken.Count + " failed " + _failed);
            return _failed == 0 ? 0 : 1;
        }

        private void Guard(string name, Action check)
        {
            try
            {
                check();
            }
            catch (StylebridgeException error)
            {
                Fail(name, error.Message);
            }
        }

        private void CheckValid(string name)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, name + ".bin"));
            JsonValue words = Json.Parse(File.ReadAllBytes(Path.Combine(_folder, name + ".json")), name);
            Expect(name + " from words", BitConverter.ToString(bytes), BitConverter.ToString(BytesFrom(words)));
            Expect(name + " from bytes", Json.TextFrom(words), Json.TextFrom(WordsFrom(bytes, words)));
            WireError error = WireCodes.ErrorOf(bytes, _frame, _codec, WireConstants.MaxFrameBytes, out string says);
            Expect(name + " taken", "", error == 0 ? "" : error + " " + says);
        }

        private void CheckBroken(JsonValue edit)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, WireFrameWords.Text(edit, "base") + ".bin"));
            if (edit.TryGet("set", out JsonValue sets))
            {
                for (int i = 0; i < sets.Count; i++)
                {
                    sets[i][0].TryInt64(out long at);
                    sets[i][1].TryText(out string hex);
                    byte[] replacement = WireFrameWords.Bytes(hex);
                    Buffer.BlockCopy(replacement, 0, bytes, (int)at, replacement.Length);
                }
            }
            int size = edit.TryGet("cut", out _) ? (int)WireFrameWords.Whole(edit, "cut") : bytes.Length;
            Array.Resize(ref bytes, size);
            if (edit.TryGet("add", out _))
            {
                byte[] added = WireFrameWords.Bytes(WireFrameWords.Text(edit, "add"));
                Array.Resize(ref bytes, size + added.Length);
                Buffer.BlockCopy(added, 0, bytes, size, added.Length);
            }
            long limit = edit.TryGet("limit", out _)
                ? (long)WireFrameWords.Whole(edit, "limit") : WireConstants.MaxFrameBytes;
            WireError error = WireCodes.ErrorOf(bytes, _frame, _codec, limit, out string says);
            string found = error == 0 ? "taken" : WireWords.WordFrom(error);
            Expect(WireFrameWords.Text(edit, "name"), WireFrameWords.Text(edit, "code"), found);
        }

        private static byte[] BytesFrom(JsonValue words)
        {
            var target = new byte[64];
            int count;
            switch (WireFrameWords.Text(words, "kind"))
            {
                case "frame":
                    return WireFrameWords.BytesFrom(words);
                case "ack":
                    var ack = new Ack
                    {
                        Sequence = WireFrameWords.Whole(words, "sequence"),
                        Released = WireFrameWords.Whole(words, "released"),
                        Ring = (ushort)WireFrameWords.Whole(words, "ring"),
                        Window = (ushort)WireFrameWords.Whole(words, "window"),
                    };
                    count = ack.Encode(target);
                    break;
                case "ping":
                    count = Ping.Encode(target, WireFrameWords.Whole(words, "sent_ns"));
                    break;
                case "pong":
                    count = Ping.EncodeAnswer(
                        target, WireFrameWords.Whole(words, "sent_ns"), WireFrameWords.Whole(words, "answered_ns"));
                    break;
                default:
                    return JsonBytesFrom(words);
            }
            Array.Resize(ref target, count);
            return target;
        }

        private static byte[] JsonBytesFrom(JsonValue words)
        {
            byte[] body = Json.BytesFrom(WireFrameWords.Get(words, "body"));
            WireWords.TryParse(WireFrameWords.Text(words, "kind"), out WireKind kind);
            var bytes = new byte[WirePrefix.Bytes + body.Length];
            WirePrefix.Write(bytes, kind, bytes.Length);
            Buffer.BlockCopy(body, 0, bytes, WirePrefix.Bytes, body.Length);
            return bytes;
        }

        private static JsonValue WordsFrom(byte[] bytes, JsonValue words)
        {
            if (!WirePrefix.TryRead(bytes, bytes.Length, out WireKind kind, out _, out WireError error)
                && bytes[6] != (int)WireKind.Frame)
            {
                throw WireFault.Of(error, "a vector");
            }
            JsonValue found = JsonValue.NewObject().Set("kind", JsonValue.Of(WireWords.WordFrom(kind)));
            switch (kind)
            {
                case WireKind.Frame:
                    return WireFrameWords.WordsFrom(bytes);
                case WireKind.Ack:
                    Ack.TryDecode(bytes, bytes.Length, out Ack ack, out error);
                    return found.Set("sequence", JsonValue.Of(ack.Sequence)).Set("released", JsonValue.Of(ack.Released))
                        .Set("ring", JsonValue.Of((long)ack.Ring)).Set("window", JsonValue.Of((long)ack.Window));
                case WireKind.Ping:
                    Ping.TryDecode(bytes, bytes.Length, out ulong asked, out error);
                    return found.Set("sent_ns", JsonValue.Of(asked));
                case WireKind.Pong:
                    Ping.TryDecodeAnswer(bytes, bytes.Length, out ulong sentNs, out ulong answeredNs, out error);
                    return found.Set("sent_ns", JsonValue.Of(sentNs)).Set("answered_ns", JsonValue.Of(answeredNs));
                default:
                    return JsonWordsFrom(bytes, words, found);
            }
        }

        private static JsonValue JsonWordsFrom(byte[] bytes, JsonValue words, JsonValue found)
        {
            JsonMessage message = JsonMessage.Decode(bytes, bytes.Length);
            if (words.TryGet("means", out _))
            {
                // A writer would send other fields than these, so only the meaning can be told.
                return found.Set("body", WireFrameWords.Get(words, "body")).Set("means", message.Write());
            }
            if (BitConverter.ToString(message.Encode()) != BitConverter.ToString(bytes))
            {
                throw new StylebridgeException("a message written otherwise than it was read");
            }
            return found.Set("body", message.Write());
        }

        private void Expect(string what, string expected, string found)
        {
            if (expected != found)
            {
                Fail(what, "expected " + Short(expected) + ", found " + Short(found));
            }
        }

        private void Fail(string what, string why)
        {
            _failed++;
            Console.WriteLine("FAILED " + what + ": " + why);
        }

        private static string Short(string text)
        {
            return text.Length <= 400 ? text : text.Substring(0, 400) + "…";
        }
    }
}
