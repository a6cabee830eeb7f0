using System;
using System.Globalization;

namespace Stylebridge
{
    /// <summary>Frames to tensors and back under one contract, without garbage once prepared for a size.</summary>
    /// <remarks>
    /// Pictures are 8-bit RGB or RGBA, rows from the top, without gaps. A converter is used by one thread at a time.
    /// </remarks>
    public sealed unsafe class PixelConverter
    {
        /// <summary>The longest side of a frame.</summary>
        public const int MaxSide = 16384;

        private readonly PixelEncoder _encoder;
        private readonly PixelDecoder _decoder;

        /// <summary>A converter for a contract; call <see cref="Prepare"/> before the first frame.</summary>
        public PixelConverter(PixelContract contract)
        {
            Contract = contract ?? throw new ArgumentNullException(nameof(contract));
            _encoder = new PixelEncoder(contract);
            _decoder = new PixelDecoder(contract);
        }

        /// <summary>The contract.</summary>
        public PixelContract Contract { get; }

        /// <summary>The width of the frames that it is prepared for; 0 before.</summary>
        public int Width { get; private set; }

        /// <summary>The height of the frames that it is prepared for; 0 before.</summary>
        public int Height { get; private set; }

        /// <summary>The width that the network is given.</summary>
        public int TensorWidth { get; private set; }

        /// <summary>The height that the network is given.</summary>
        public int TensorHeight { get; private set; }

        /// <summary>How many numbers a tensor holds.</summary>
        public int TensorLength
        {
            get { return 3 * TensorWidth * TensorHeight; }
        }

        /// <summary>Allocates all that frames of this size need; does nothing when it is there already.</summary>
        public void Prepare(int width, int height)
        {
            if (width == Width && height == Height)
            {
                return;
            }
            int tensorWidth = Contract.FittedSide(width);
            int tensorHeight = Contract.FittedSide(height);
            _encoder.Prepare(width, height, tensorWidth, tensorHeight);
            _decoder.Prepare(width, height, tensorWidth, tensorHeight);
            Width = width;
            Height = height;
            TensorWidth = tensorWidth;
            TensorHeight = tensorHeight;
        }

        /// <summary>Lets go of what was prepared.</summary>
        public void Release()
        {
            _encoder.Release();
            _decoder.Release();
            Width = Height = TensorWidth = TensorHeight = 0;
        }

        /// <summary>The network's input for a picture, written to the start of the target.</summary>
        public void ToTensor(byte[] color, int width, int height, int channels, float[] target)
        {
            fixed (byte* colorStart = color)
            fixed (float* targetStart = target)
            {
                ToTensor(colorStart, LengthOf(color), width, height, channels, targetStart, LengthOf(target));
            }
        }

        /// <summary>The network's input for a picture in memory, lengths in elements.</summary>
        public void ToTensor(
            byte* color, long colorLength, int width, int height, int channels, float* target, long targetLength)
        {
            CheckPicture("picture", colorLength, width, height, channels);
            CheckLength("tensor to write to", targetLength, TensorLength);
            _encoder.Encode(color, channels, target);
        }

        /// <summary>The picture in a network's output; alpha comes from the frame that was stylised.</summary>
        /// <remarks>A refused output leaves the target as it was. The target may be the frame itself.</remarks>
        public void ToFrame(
            float[] tensor, int[] shape, byte[] like, int width, int height, int channels, byte[] target)
        {
            fixed (float* tensorStart = tensor)
            fixed (byte* likeStart = like, targetStart = target)
            {
                ToFrame(
                    tensorStart, LengthOf(tensor), shape, likeStart, LengthOf(like), width, height, channels,
                    targetStart, LengthOf(target));
            }
        }

        /// <summary>The picture in a network's output in memory, lengths in elements.</summary>
        /// <remarks>The frame that was stylised may be missing where pictures have no alpha.</remarks>
        public void ToFrame(
            float* tensor, long tensorLength, int[] shape, byte* like, long likeLength, int width, int height,
            int channels, byte* target, long targetLength)
        {
            CheckPicture("picture to write to", targetLength, width, height, channels);
            if (channels == 4)
            {
                CheckPicture("stylised picture", likeLength, width, height, channels);
            }
            CheckShape(shape);
            CheckLength("network's output", tensorLength, TensorLength);
            _decoder.CheckNumbers(tensor);
            _decoder.Decode(tensor, channels, target);
            if (channels == 4 && like != target)
            {
                for (long i = 3; i < 4L * width * height; i += 4)
                {
                    target[i] = like[i];
                }
            }
        }

        /// <summary>Refuses an output shape that can't be the picture of a frame of the prepared size.</summary>
        public void CheckShape(int[] shape)
        {
            bool planar = Contract.Output.Layout == PixelLayout.Nchw;
            if (shape == null || shape.Length != 4 || shape[0] != 1 || shape[planar ? 1 : 3] != 3)
            {
                throw new StylebridgeException(
                    "the network's output has shape " + TextFrom(shape),
                    (planar ? "[1,3,H,W]" : "[1,H,W,3]") + " as its contract says",
                    "check that this model makes pictures and that the contract's layout is right", "",
                    PixelRefusal.WrongShape);
            }
            int height = shape[planar ? 2 : 1];
            int width = shape[planar ? 3 : 2];
            if (height != TensorHeight || width != TensorWidth)
            {
                throw new StylebridgeException(
                    Text("the network gave {0}x{1} for an input of {2}x{3}", width, height, TensorWidth, TensorHeight),
                    "output and input of one size",
                    Text("set the contract's size multiple (now {0}) to what the network's strides need",
                        Contract.Multiple),
                    "", PixelRefusal.WrongSize);
            }
        }

        private static long LengthOf(Array array)
        {
            return array == null ? 0 : array.Length;
        }

        private static string TextFrom(int[] shape)
        {
            const int Shown = 8;
            if (shape == null)
            {
                return "unknown";
            }
            string[] sides = Array.ConvertAll(shape, side => side.ToString(CultureInfo.InvariantCulture));
            return shape.Length <= Shown ? "[" + string.Join(", ", sides) + "]" : "of " + shape.Length + " dimensions";
        }

        private static string Text(string format, params object[] parts)
        {
            return string.Format(CultureInfo.InvariantCulture, format, parts);
        }

        private static void CheckLength(string what, long length, long needed)
        {
            if (length < needed)
            {
                throw new StylebridgeException(
                    Text("the {0} holds {1} elements", what, length), Text("{0} or more", needed),
                    "allocate it after Prepare, by TensorLength or width * height * channels");
            }
        }

        private void CheckPicture(string what, long length, int width, int height, int channels)
        {
            if (Width == 0 || width != Width || height != Height)
            {
                throw new StylebridgeException(
                    Text("a {0} of {1}x{2}", what, width, height),
                    Width == 0 ? "a converter that is prepared" : Text("{0}x{1}", Width, Height),
                    "call Prepare with the frame's size first");
            }
            if (channels != 3 && channels != 4)
            {
                throw new StylebridgeException(Text("a {0} of {1} channels", what, channels), "3 (RGB) or 4 (RGBA)");
            }
            CheckLength(what, length, (long)width * height * channels);
        }
    }
}
