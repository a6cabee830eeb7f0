using System;
using System.IO;
using System.Text;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>Says what the codec makes of messages, to be compared with another language's answers.</summary>
    internal static class WireCodes
    {
        /// <summary>One line per message of a file of (u32 size, bytes): the code's word, or ok.</summary>
        internal static int Print(string path)
        {
            byte[] all = File.ReadAllBytes(path);
            var words = new StringBuilder();
            var frame = new FrameHeader();
            var codec = new PlaneCodec();
            for (int at = 0; at < all.Length;)
            {
                int count = BitConverter.ToInt32(all, at);
                var message = new byte[count];
                Buffer.BlockCopy(all, at + 4, message, 0, count);
                at += 4 + count;
                WireError error = ErrorOf(message, frame, codec, WireConstants.MaxFrameBytes, out _);
                words.Append(error == 0 ? "ok" : WireWords.WordFrom(error)).Append('\n');
            }
            Console.Write(words);
            return 0;
        }

        /// <summary>The code for a message's first part or a flat FRAME, checked down to its planes' bytes.</summary>
        internal static WireError ErrorOf(
            byte[] message, FrameHeader frame, PlaneCodec codec, long limit, out string says)
        {
            says = "";
            try
            {
                int size = message.Length < 12 ? 0 : (int)Math.Min(BitConverter.ToUInt32(message, 8), message.Length);
                bool isFrame = message.Length >= 8 && message[6] == (int)WireKind.Frame && message[7] == 0;
                if (isFrame && size >= 0)
                {
                    return OfFlat(message, frame, codec, limit);
                }
                return OfOther(message);
            }
            catch (WireFault fault)
            {
                says = fault.Message;
                return fault.Error;
            }
        }

        private static unsafe WireError OfFlat(byte[] message, FrameHeader frame, PlaneCodec codec, long limit)
        {
            if (!FlatFrame.TryDecode(message, message.Length, frame, limit, out int at, out WireError error))
            {
                return error;
            }
            fixed (byte* start = message)
            {
                for (int i = 0; i < frame.PlaneCount; i++)
                {
                    byte* sent = start + at + (long)frame.Planes[i].Offset;
                    var target = new byte[frame.Planes[i].UnpackedBytes(frame.Height)];
                    if (!codec.TryUnpack(ref frame.Planes[i], frame.Height, sent, target, out error))
                    {
                        return error;
                    }
                }
            }
            return 0;
        }

        private static WireError OfOther(byte[] message)
        {
            if (!WirePrefix.TryRead(message, message.Length, out WireKind kind, out _, out WireError error))
            {
                return error;
            }
            switch (kind)
            {
                case WireKind.Ack:
                    Ack.TryDecode(message, message.Length, out _, out error);
                    return error;
                case WireKind.Ping:
                    Ping.TryDecode(message, message.Length, out _, out error);
                    return error;
                case WireKind.Pong:
                    Ping.TryDecodeAnswer(message, message.Length, out _, out _, out error);
                    return error;
                default:
                    JsonMessage.Decode(message, message.Length);
                    return 0;
            }
        }
    }
}
