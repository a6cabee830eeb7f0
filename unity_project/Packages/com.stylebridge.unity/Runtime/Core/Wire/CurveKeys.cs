using System;
using System.IO;

namespace Stylebridge.Wire
{
    /// <summary>What an encrypted link needs: the game's own pair of keys, and the collector's public one.</summary>
    public sealed class CurveKeys
    {
        private const int KeyBytes = 32;
        private const int MaxFileBytes = 4096;

        /// <summary>Keys in ZeroMQ's text form, 40 characters each.</summary>
        public CurveKeys(string publicKey, string secretKey, string serverKey)
        {
            PublicBytes = Decode(publicKey, "the public key");
            SecretBytes = Decode(secretKey, "the secret key");
            ServerBytes = Decode(serverKey, "the collector's key");
            PublicKey = publicKey;
            SecretKey = secretKey;
            ServerKey = serverKey;
        }

        /// <summary>The game's public key as text.</summary>
        public string PublicKey { get; }

        /// <summary>The game's secret key as text.</summary>
        public string SecretKey { get; }

        /// <summary>The collector's public key as text.</summary>
        public string ServerKey { get; }

        /// <summary>The game's public key, 32 bytes.</summary>
        public byte[] PublicBytes { get; }

        /// <summary>The game's secret key, 32 bytes.</summary>
        public byte[] SecretBytes { get; }

        /// <summary>The collector's public key, 32 bytes.</summary>
        public byte[] ServerBytes { get; }

        /// <summary>Reads the game's own key file and the collector's public one.</summary>
        /// <remarks>A secret key that others can read is refused on Linux and Android, where it shows.</remarks>
        public static CurveKeys FromFiles(string keyPath, string peerPath)
        {
            Read(keyPath, out string publicKey, out string secretKey);
            Read(peerPath, out string serverKey, out string peerSecret);
            if (secretKey.Length == 0)
            {
                throw new StylebridgeException(
                    "a public key", "a secret one", "give the .key file here and the .pub file to the other side",
                    keyPath);
            }
            if (PosixStatus.TryRead(keyPath, true, out PosixStatus status) && status.IsOpenToOthers)
            {
                throw new StylebridgeException(
                    "can be read by others (mode " + status.Mode + ")", "mode 600", "run: chmod 600 " + keyPath,
                    keyPath);
            }
            if (peerSecret.Length > 0)
            {
                throw new StylebridgeException("a secret key", "the collector's .pub file", "", peerPath);
            }
            return new CurveKeys(publicKey, secretKey, serverKey);
        }

        private static void Read(string path, out string publicKey, out string secretKey)
        {
            try
            {
                if (new FileInfo(path).Length > MaxFileBytes)
                {
                    throw new StylebridgeException("a file that is too large for a key", "a key file", "", path);
                }
                JsonValue form = Json.Parse(File.ReadAllBytes(path), path, MaxFileBytes);
                bool isKey = form.TryGet("kind", out JsonValue kind) && kind.TryText(out string word)
                    && word == "stylebridge key" && form.TryGet("version", out JsonValue version)
                    && version.TryInt64(out long number) && number == 1;
                publicKey = form.TryGet("public", out JsonValue text) && text.TryText(out string half) ? half : "";
                secretKey = form.TryGet("secret", out text) && text.TryText(out half) ? half : "";
                if (!isKey || publicKey.Length == 0)
                {
                    throw new StylebridgeException("not a key", "a key made with: stylebridge keys new", "", path);
                }
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                throw new StylebridgeException("a key that can't be read", "a key file", "", path, "", error);
            }
        }

        private static byte[] Decode(string key, string what)
        {
            if (!Z85.TryDecode(key, out byte[] bytes) || bytes.Length != KeyBytes)
            {
                throw new StylebridgeException(what + " isn't one", "40 characters of Z85");
            }
            return bytes;
        }
    }
}
