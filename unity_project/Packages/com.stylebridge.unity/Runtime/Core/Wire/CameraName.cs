using System;
using System.Text;

namespace Stylebridge.Wire
{
    /// <summary>A camera's name with its bytes, made once so that frames cost no text.</summary>
    public sealed class CameraName
    {
        internal const int MaxBytes = FrameLayout.Width - FrameLayout.Camera;

        private readonly byte[] _bytes = new byte[MaxBytes];

        /// <summary>A name of 1 to 32 bytes of UTF-8 without control characters.</summary>
        public CameraName(string text)
        {
            byte[] utf8 = text == null ? new byte[0] : Encoding.UTF8.GetBytes(text);
            Buffer.BlockCopy(utf8, 0, _bytes, 0, Math.Min(utf8.Length, MaxBytes));
            if (utf8.Length > MaxBytes || !IsValid(_bytes, 0) || Array.IndexOf(utf8, (byte)0) >= 0)
            {
                throw new WireFault(
                    WireError.BadText, "camera name " + Quote(text ?? ""),
                    "1 to " + MaxBytes + " bytes of UTF-8 without control characters");
            }
            Text = text;
        }

        private CameraName(byte[] data, int at)
        {
            Buffer.BlockCopy(data, at, _bytes, 0, MaxBytes);
            Text = Encoding.UTF8.GetString(_bytes, 0, Utf8.LengthToZero(_bytes, 0, MaxBytes));
        }

        /// <summary>The name.</summary>
        public string Text { get; }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Text;
        }

        internal static CameraName Read(byte[] data, int at)
        {
            return new CameraName(data, at);
        }

        internal static bool IsValid(byte[] data, int at)
        {
            int count = Utf8.LengthToZero(data, at, MaxBytes);
            for (int i = 0; i < MaxBytes; i++)
            {
                if (i < count ? data[at + i] < 0x20 : data[at + i] != 0)
                {
                    return false;
                }
            }
            return count > 0 && Utf8.IsValid(data, at, count);
        }

        internal bool Matches(byte[] data, int at)
        {
            for (int i = 0; i < MaxBytes; i++)
            {
                if (data[at + i] != _bytes[i])
                {
                    return false;
                }
            }
            return true;
        }

        internal void Write(byte[] data, int at)
        {
            Buffer.BlockCopy(_bytes, 0, data, at, MaxBytes);
        }

        private static string Quote(string text)
        {
            return StylebridgeException.Quote(text);
        }
    }
}
